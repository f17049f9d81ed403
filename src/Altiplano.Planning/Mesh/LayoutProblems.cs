using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Mesh;

/// <summary>Words for every rule of <see cref="LayoutRules"/> that one layout breaks.</summary>
internal sealed class LayoutProblems(Workload workload, ClusterSpec cluster, Layout layout, string path)
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
            Add("parallel.zero", layout.ZeroStage, "it counts what is sharded: 0 nothing, 1 optimizer state, 2 gradients too, 3 parameters too", "0, 1, 2 or 3");
        return _problems;
    }

    private void FindDegrees()
    {
        foreach (var (key, degree) in new[]
        {
            ("mesh.tp", layout.Tp), ("mesh.cp", layout.Cp), ("mesh.dp_shard", layout.DpShard), ("mesh.dp_replicate", layout.DpReplicate),
            ("mesh.pp", layout.Pp), ("mesh.ep", layout.Ep), ("parallel.virtual_stages", layout.VirtualStages),
            ("batch.micro_batch_size", layout.MicroBatchSize),
        })
        {
            if (degree < 1)
                Add(key, degree, "it must be 1 or more", "1");
        }

        if (_problems.Count == 0 && LayoutRules.World(layout) > cluster.NumGpus)
        {
            var product = $"pp {layout.Pp} x dp_replicate {layout.DpReplicate} x dp_shard {layout.DpShard} x cp {layout.Cp} x tp {layout.Tp}";
            _problems.Add($"{Key("mesh")} is {product} = {LayoutRules.World(layout):0} ranks, but the cluster {cluster.Name} has " +
                $"{cluster.NumGpus} GPUs. Use fewer ranks, or a larger cluster.");
        }
    }

    private void FindTensor()
    {
        var model = workload.Model;
        var remedy = Nearest(layout.Tp, model.NumAttentionHeads, tp => LayoutRules.DividesHeads(model, tp) && LayoutRules.DividesWidths(model, tp));
        if (model.NumAttentionHeads % layout.Tp != 0)
            Add("mesh.tp", layout.Tp, $"the {model.NumAttentionHeads} query heads must divide by it: each rank needs whole heads", remedy);
        else if (!LayoutRules.DividesHeads(model, layout.Tp))
            Add("mesh.tp", layout.Tp, $"{model.NumKeyValueHeads} key/value heads can be neither dealt out nor copied to so many ranks evenly", remedy);
        if (!LayoutRules.DividesWidths(model, layout.Tp))
            Add("mesh.tp", layout.Tp, $"the feed-forward widths {Widths()} must divide by it", remedy);
    }

    private void FindSequence()
    {
        if (LayoutRules.DividesSequence(workload, layout))
            return;
        var given = layout;
        var pieces = LayoutRules.SequencePieces(layout);
        var rule = $"batch.seq_len {workload.SeqLen} must divide by {(layout.Cp > 1 ? $"2 x cp {layout.Cp}" : "")}" +
            $"{(layout is { Cp: > 1, HasSequenceParallel: true } ? " x " : "")}{(layout.HasSequenceParallel ? $"tp {layout.Tp}" : "")} = {pieces}";
        if (layout.Cp == 1)
        {
            Add("parallel.sequence_parallel", "true", rule, "false");
            return;
        }

        Add("mesh.cp", layout.Cp, rule + " (a head and a tail piece for each rank)", Nearest(
            layout.Cp, workload.SeqLen, cp => LayoutRules.DividesSequence(workload, given with { Cp = cp })));
    }

    private void FindPipeline()
    {
        var model = workload.Model;
        var isInterleaved = layout.Schedule == PipelineScheduleKind.InterleavedOneForwardOneBackward;
        var maxChunks = LayoutRules.MaxChunks(model);
        if ((long)layout.Pp * layout.VirtualStages > maxChunks)
        {
            var most = Math.Max(1, maxChunks / layout.VirtualStages);
            Add("mesh.pp", layout.Pp, $"pp x virtual_stages = {layout.Pp} x {layout.VirtualStages} chunks, and each needs one of " +
                $"{model.NumLayers} layers, the embedding or the head", $"{most} or less");
        }

        if (isInterleaved && layout.VirtualStages == 1)
            Add("parallel.virtual_stages", 1, "the schedule interleaved_1f1b needs 2 chunks a rank or more", "2, or pp_schedule: 1f1b");
        if (isInterleaved && layout.Pp == 1)
            Add("mesh.pp", 1, "the schedule interleaved_1f1b needs a pipeline", "2 or more, or pp_schedule: 1f1b");
        if (!isInterleaved && layout.VirtualStages > 1)
            Add("parallel.virtual_stages", layout.VirtualStages, "only interleaved_1f1b has more than one chunk a rank", "1, or pp_schedule: interleaved_1f1b");
        var microBatches = layout.MicroBatches(workload.GlobalBatchSequences);
        if (isInterleaved && microBatches < layout.Pp)
        {
            Add("mesh.pp", layout.Pp, $"interleaved_1f1b needs a microbatch for each stage, and a replica has {microBatches} of them",
                $"{Math.Max(1, microBatches)} or less, or a larger batch.global_batch_tokens");
        }
    }

    private void FindExperts()
    {
        if (LayoutRules.DividesExperts(workload.Model, layout))
            return;
        var given = layout;
        var model = workload.Model;
        var ranks = (long)layout.DpShard * layout.Cp;
        var rule = model.Mixture is { } mixture
            ? $"it must divide the {mixture.NumExperts} experts and dp_shard x cp = {layout.DpShard} x {layout.Cp} = {ranks}, out of which it is carved"
            : $"{model.Name} has no experts";
        Add("mesh.ep", layout.Ep, rule, Nearest(
            layout.Ep, model.Mixture?.NumExperts ?? 1, ep => LayoutRules.DividesExperts(model, given with { Ep = ep })));
    }

    private void FindBatch()
    {
        if (LayoutRules.DividesBatch(workload, layout))
            return;
        var each = (long)layout.Dp * layout.MicroBatchSize;
        var below = workload.GlobalBatchSequences / each * each;
        var remedy = below == 0 ? $"{each}" : $"{below} or {below + each}";
        _problems.Add($"{Key("batch.global_batch_tokens")} is {workload.GlobalBatchSequences} sequences of {workload.SeqLen} tokens, but they must divide " +
            $"by dp_replicate x dp_shard x micro_batch_size = {layout.DpReplicate} x {layout.DpShard} x {layout.MicroBatchSize} = {each}. " +
            $"Use {remedy} sequences.");
    }

    private string Widths()
    {
        var model = workload.Model;
        var widths = new List<int>();
        if (model.NumMixtureLayers < model.NumLayers)
            widths.Add(model.IntermediateSize);
        if (model.Mixture is { } mixture)
            widths.AddRange(mixture.SharedIntermediateSize > 0 ? [mixture.ExpertIntermediateSize, mixture.SharedIntermediateSize] : [mixture.ExpertIntermediateSize]);
        return string.Join(", ", widths.Distinct());
    }

    private string Key(string key) => path.Length == 0 ? key : $"{path}.{key}";

    private void Add(string key, object value, string rule, string remedy) => _problems.Add($"{Key(key)} is {value}, but {rule}. Use {remedy}.");

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
