using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Mesh;

/// <summary>Words for every rule of <see cref="LayoutRules"/> that one layout breaks.</summary>
/// <param name="cluster">Null where the number of its GPUs is no limit.</param>
internal sealed class LayoutProblems(Workload workload, ClusterSpec? cluster, Layout layout, LayoutWords words)
{
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Find()
    {
        FindDegrees();
        if (_problems.Count > 0)
            return _problems;
        FindTensor();
        FindSequence();
        FindPipeline();
        FindExperts();
        FindBatch();
        if (layout.ZeroStage is < 0 or > 3)
        {
            Add(words.Zero, layout.ZeroStage,
                "it counts what is sharded: 0 nothing, 1 optimizer state, 2 gradients too, 3 parameters too", "0, 1, 2 or 3");
        }

        return _problems;
    }

    private void FindDegrees()
    {
        foreach (var (key, degree) in new[]
        {
            (words.Tp, layout.Tp), (words.Cp, layout.Cp), (words.DpShard, layout.DpShard), (words.DpReplicate, layout.DpReplicate),
            (words.Pp, layout.Pp), (words.Ep, layout.Ep), (words.VirtualStages, layout.VirtualStages), (words.MicroBatch, layout.MicroBatchSize),
        })
        {
            if (degree < 1)
                Add(key, degree, "it must be 1 or more", "1");
        }

        if (_problems.Count == 0 && cluster is not null && LayoutRules.World(layout) > cluster.NumGpus)
        {
            var product = $"pp {layout.Pp} x dp_replicate {layout.DpReplicate} x dp_shard {layout.DpShard} x cp {layout.Cp} x tp {layout.Tp}";
            _problems.Add($"{words.Mesh} is {product} = {LayoutRules.World(layout):0} ranks, but the cluster {cluster.Name} has " +
                $"{cluster.NumGpus} GPUs. Use fewer ranks, or a larger cluster.");
        }
    }

    private void FindTensor()
    {
        var model = workload.Model;
        var remedy = Nearest(layout.Tp, model.NumAttentionHeads, tp => LayoutRules.DividesHeads(model, tp) && LayoutRules.DividesWidths(model, tp));
        if (model.NumAttentionHeads % layout.Tp != 0)
            Add(words.Tp, layout.Tp, $"the {model.NumAttentionHeads} query heads must divide by it: each rank needs whole heads", remedy);
        else if (!LayoutRules.DividesHeads(model, layout.Tp))
            Add(words.Tp, layout.Tp, $"{model.NumKeyValueHeads} key/value heads can be neither dealt out nor copied to so many ranks evenly", remedy);
        if (!LayoutRules.DividesWidths(model, layout.Tp))
            Add(words.Tp, layout.Tp, $"the feed-forward widths {Widths()} must divide by it", remedy);
    }

    private void FindSequence()
    {
        if (LayoutRules.DividesSequence(workload, layout))
            return;
        var given = layout;
        var rule = $"{words.SeqLen} {workload.SeqLen} must divide by ";
        if (layout.Cp == 1)
        {
            Add(words.SequenceParallel, "true", $"{rule}tp, which is {layout.Tp}", "false");
            return;
        }

        rule += $"2 x cp {layout.Cp}{(layout.HasSequenceParallel ? $" x tp {layout.Tp}" : "")} = {LayoutRules.SequencePieces(layout)}";
        Add(words.Cp, layout.Cp, rule + " (a head and a tail piece for each rank)", Nearest(
            layout.Cp, workload.SeqLen, cp => LayoutRules.DividesSequence(workload, given with { Cp = cp })));
    }

    private void FindPipeline()
    {
        FindChunks();
        var isInterleaved = layout.Schedule == PipelineScheduleKind.InterleavedOneForwardOneBackward;
        if (isInterleaved && layout.VirtualStages == 1)
            Add(words.VirtualStages, 1, "the schedule interleaved_1f1b needs 2 chunks a rank or more", "2, or pp_schedule: 1f1b");
        if (isInterleaved && layout.Pp == 1)
            Add(words.Pp, 1, "the schedule interleaved_1f1b needs a pipeline", "2 or more, or pp_schedule: 1f1b");
        if (!isInterleaved && layout.VirtualStages > 1)
        {
            Add(words.VirtualStages, layout.VirtualStages,
                "only interleaved_1f1b has more than one chunk a rank", "1, or pp_schedule: interleaved_1f1b");
        }

        var microBatches = layout.MicroBatches(workload.GlobalBatchSequences);
        if (isInterleaved && microBatches < layout.Pp)
        {
            Add(words.Pp, layout.Pp, $"interleaved_1f1b needs a microbatch for each stage, and a replica has {microBatches} of them",
                $"{Math.Max(1, microBatches)} or less, or a larger {words.GlobalBatch}");
        }
    }

    private void FindChunks()
    {
        var (pp, stages, maxChunks) = (layout.Pp, layout.VirtualStages, LayoutRules.MaxChunks(workload.Model));
        if ((long)pp * stages <= maxChunks)
            return;
        var name = LayoutWords.Short(words.VirtualStages);
        var rule = $"pp x {name} = {pp} x {stages} chunks, and each needs one of {workload.Model.NumLayers} layers, the embedding or the head";
        var mostStages = maxChunks / pp;
        if (stages > 1 && mostStages > 1)
            Add(words.VirtualStages, stages, rule, mostStages == 2 ? "2" : $"2 to {mostStages}");
        else
            Add(words.Pp, pp, rule, maxChunks / stages > 1 ? $"{maxChunks / stages} or less" : $"{maxChunks / 2} or less with {name} 2");
    }

    private void FindExperts()
    {
        if (LayoutRules.DividesExperts(workload.Model, layout))
            return;
        var given = layout;
        var model = workload.Model;
        var ranks = (long)layout.DpShard * layout.Cp;
        var rule = model.Mixture is { } mixture
            ? $"it must divide the {mixture.NumExperts} experts and {LayoutWords.Short(words.DpShard)} x cp = " +
                $"{layout.DpShard} x {layout.Cp} = {ranks}, out of which it is carved"
            : $"{(model.Name.Length > 0 ? model.Name : "the model")} has no experts";
        Add(words.Ep, layout.Ep, rule, Nearest(
            layout.Ep, model.Mixture?.NumExperts ?? 1, ep => LayoutRules.DividesExperts(model, given with { Ep = ep })));
    }

    private void FindBatch()
    {
        if (LayoutRules.DividesBatch(workload, layout))
            return;
        var each = (long)layout.Dp * layout.MicroBatchSize;
        var below = workload.GlobalBatchSequences / each * each;
        var remedy = below == 0 ? $"{each}" : $"{below} or {below + each}";
        var micro = LayoutWords.Short(words.MicroBatch);
        var product = words.HasOneDataDegree
            ? $"dp x {micro} = {layout.Dp} x {layout.MicroBatchSize}"
            : $"dp_replicate x dp_shard x {micro} = {layout.DpReplicate} x {layout.DpShard} x {layout.MicroBatchSize}";
        _problems.Add($"{words.GlobalBatch} is {workload.GlobalBatchSequences} sequences of {workload.SeqLen} tokens, but they must divide " +
            $"by {product} = {each}. Use {remedy} sequences.");
    }

    private string Widths()
    {
        var model = workload.Model;
        var widths = new List<int>();
        if (model.NumMixtureLayers < model.NumLayers)
            widths.Add(model.IntermediateSize);
        if (model.Mixture is { } mixture)
            widths.Add(mixture.ExpertIntermediateSize);
        if (model.Mixture is { SharedIntermediateSize: > 0 and var shared })
            widths.Add(shared);
        return string.Join(", ", widths.Distinct());
    }

    private void Add(string key, object value, string rule, string remedy) => _problems.Add($"{key} is {value}, but {rule}. Use {remedy}.");

    /// <summary>The legal values next below and above; 1 is always legal.</summary>
    private static string Nearest(int value, int max, Func<int, bool> isLegal)
    {
        var below = Math.Min(value - 1, max);
        while (below > 1 && !isLegal(below))
            below--;
        var above = value + 1;
        while (above <= max && !isLegal(above))
            above++;
        return above > max ? $"{Math.Max(1, below)}" : $"{Math.Max(1, below)} or {above}";
    }
}
