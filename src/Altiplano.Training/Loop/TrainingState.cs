using Altiplano.Planning.Architecture;
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

    /// <summary>The state as a checkpoint holds it; its bytes are read from the tensors while it is saved.</summary>
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
        Weights = [.. Parameters.Table.Select(spec => Info("", spec, Parameters.ParameterType))],
        OptimizerState = [.. OptimizerTensors()],
        Fill = Fill,
    };

    /// <summary>Takes over a checkpoint, bit for bit.</summary>
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
                Load(group, group.Weights, slice, checkpoint.Weights, "");
                Load(group, Optimizer.FirstMoments(group), slice, checkpoint.Optimizer, FirstMoments);
                Load(group, Optimizer.SecondMoments(group), slice, checkpoint.Optimizer, SecondMoments);
                if (group.HasSeparateMaster)
                    Load(group, group.Master, slice, checkpoint.Optimizer, Masters);
            }
        }
    }

    public void Dispose() => Optimizer.Dispose();

    private static long Counter(Checkpoint checkpoint, string name) => checkpoint.Manifest.Counters.TryGetValue(name, out var value)
        ? value
        : throw new CheckpointException($"{checkpoint.Path}: the manifest has no counter {name}, so training cannot go on from it.");

    private static WeightInfo Info(string prefix, ParameterSpec spec, ScalarType type) =>
        new(prefix + spec.Name, type.ToWeightType(), spec.Shape);

    private void Load(ParameterGroup group, Tensor buffer, ParameterSlice slice, IWeightSource source, string prefix) =>
        ModelWeights.LoadPart(Parameters.Engine, group, buffer, slice, source, prefix + slice.Parameter.Name);

    private IEnumerable<WeightInfo> OptimizerTensors()
    {
        foreach (var group in Parameters.Groups)
        {
            foreach (var spec in group.Slices.Select(slice => slice.Parameter))
            {
                yield return Info(FirstMoments, spec, group.Master.Type);
                yield return Info(SecondMoments, spec, group.Master.Type);
                if (group.HasSeparateMaster)
                    yield return Info(Masters, spec, group.Master.Type);
            }
        }
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
        using var part = group.Part(buffer, group.SliceOf(name[prefix.Length..]).Parameter);
        using var range = part.Rows(firstByte / size, destination.Length / size);
        Parameters.Engine.Download(destination, range);
    }
}
