using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;
using Altiplano.Training.Layers;
using Altiplano.Training.Optimization;

namespace Altiplano.Training.Loop;

/// <summary>Everything that a run carries from step to step: weights, moments, and where it is in the data.</summary>
public sealed class TrainingState : IDisposable
{
    private const string FirstMoments = "exp_avg.";
    private const string SecondMoments = "exp_avg_sq.";
    private const string Masters = "master.";
    private const string UpdatesCounter = "optimizer_updates";
    private const string NextSampleCounter = "next_sample";

    public TrainingState(ParameterStore parameters, OptimizerConfig optimizer)
    {
        Parameters = parameters;
        Optimizer = new AdamW(parameters, optimizer);
    }

    public ParameterStore Parameters { get; }
    public AdamW Optimizer { get; }

    /// <summary>Optimizer steps done, those that were skipped for a non-finite gradient included.</summary>
    public long Step { get; set; }

    /// <summary>Number of the next training sample.</summary>
    public long NextSample { get; set; }

    public long TokensSeen { get; set; }

    /// <summary>This rank's part of the state as a checkpoint holds it; its bytes are read from the tensors while it is saved.</summary>
    /// <param name="tokens">Ids of begin and end of text, for the model's config.</param>
    /// <param name="config">The run's resolved config.</param>
    public CheckpointContent ToContent(HuggingFaceConfig tokens, string config, int threads) => new()
    {
        Step = Step,
        TokensSeen = TokensSeen,
        Threads = threads,
        Architecture = tokens.ToJson(),
        Config = config,
        Counters = new Dictionary<string, long> { [UpdatesCounter] = Optimizer.NumUpdates, [NextSampleCounter] = NextSample },
        Weights = [.. Saved().Select(saved => Slice("", saved.Group, saved.Slice, Parameters.ParameterType))],
        OptimizerState = [.. Saved().SelectMany(saved => OptimizerSlices(saved.Group, saved.Slice))],
        Fill = Fill,
    };

    /// <summary>Takes over this rank's part of a checkpoint, bit for bit, whatever ranks wrote it.</summary>
    /// <exception cref="CheckpointException">It holds another model, or lacks a part of the state.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        var manifest = checkpoint.Manifest;
        Step = manifest.Step;
        TokensSeen = manifest.TokensSeen;
        Optimizer.NumUpdates = Counter(checkpoint, UpdatesCounter);
        NextSample = Counter(checkpoint, NextSampleCounter);
        foreach (var group in Parameters.Groups)
        {
            foreach (var slice in group.Slices)
            {
                if (group.HasSeparateMaster)
                    Load(group, group.Master, slice, checkpoint.Optimizer, Masters);
                else
                    Load(group, group.Master, slice, checkpoint.Weights, "");
                Load(group, Optimizer.FirstMoments(group), slice, checkpoint.Optimizer, FirstMoments);
                Load(group, Optimizer.SecondMoments(group), slice, checkpoint.Optimizer, SecondMoments);
            }

            group.RefreshWeights();
        }
    }

    public void Dispose() => Optimizer.Dispose();

    private static long Counter(Checkpoint checkpoint, string name) => checkpoint.Manifest.Counters.TryGetValue(name, out var value)
        ? value
        : throw new CheckpointException($"{checkpoint.Path}: the manifest has no counter {name}, so training cannot go on from it.");

    private void Load(ParameterGroup group, Tensor buffer, ParameterSlice slice, IWeightSource source, string prefix) =>
        ModelWeights.LoadPart(Parameters.Engine, group, buffer, slice, source, prefix + slice.Parameter.Name);

    /// <summary>What this rank saves, in the order of the parameter table: what several ranks have is saved by the first of them.</summary>
    private IEnumerable<(ParameterGroup Group, ParameterSlice Slice)> Saved() =>
        from spec in Parameters.Table
        from part in Parameters.Groups
        where part.Contains(spec.Name) && IsSaved(part)
        let slice = part.SliceOf(spec.Name)
        where part.Overlap(slice).Count > 0
        select (part, slice);

    private bool IsSaved(ParameterGroup group)
    {
        var sharding = Parameters.Sharding.Of(group.Slices[0].Parameter);
        return !group.IsReplica && sharding.Mesh.DpReplicate.Rank == 0
            && (sharding.NumParts > 1 || sharding.Axis.Rank == 0)
            && (!group.IsReplicatedOverTp || sharding.Mesh.Tp.Rank == 0);
    }

    private static TensorSlice Slice(string prefix, ParameterGroup group, ParameterSlice slice, ScalarType type) =>
        group.Kept(slice, new WeightInfo(prefix + slice.Parameter.Name, type.ToWeightType(), slice.Parameter.Shape));

    private static IEnumerable<TensorSlice> OptimizerSlices(ParameterGroup group, ParameterSlice slice)
    {
        var type = group.Master.Type;
        yield return Slice(FirstMoments, group, slice, type);
        yield return Slice(SecondMoments, group, slice, type);
        if (group.HasSeparateMaster)
            yield return Slice(Masters, group, slice, type);
    }

    private void Fill(string name, long firstByte, Span<byte> destination)
    {
        string[] prefixes = [FirstMoments, SecondMoments, Masters];
        var prefix = prefixes.FirstOrDefault(p => name.StartsWith(p, StringComparison.Ordinal)) ?? "";
        var group = Parameters.GroupOf(name[prefix.Length..]);
        var buffer = prefix switch
        {
            FirstMoments => Optimizer.FirstMoments(group),
            SecondMoments => Optimizer.SecondMoments(group),
            Masters => group.Master,
            _ => group.Weights,
        };
        var size = buffer.Type.Size();
        var (inPart, _, _) = group.Overlap(group.SliceOf(name[prefix.Length..]));
        using var range = buffer.Rows(inPart + firstByte / size, destination.Length / size);
        Parameters.Engine.Download(destination, range);
    }
}
