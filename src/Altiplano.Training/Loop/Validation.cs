using Altiplano.Data.Sampling;
using Altiplano.Data.TokenFiles;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop;

/// <summary>
/// One held-out corpus: its loss, and its bits per byte where the tokenizer tells how many bytes each token stands for.
/// </summary>
/// <param name="bytesOf">Bytes of text of a token id, 0 for special tokens; null where no tokenizer is known.</param>
/// <param name="maxTokens">Targets measured, from the start of the file; null for all.</param>
public sealed class Validation(
    string name, TokenDataset dataset, int seqLen, int microBatchSize, bool documentMask, Func<int, int>? bytesOf, long? maxTokens)
{
    private readonly BatchSource _source = new(new SequentialWindows(dataset, seqLen), documentMask);

    private readonly long _numWindows = WindowsOf(new SequentialWindows(dataset, seqLen), maxTokens);

    /// <summary>Loss over all windows, of which each data-parallel rank measures its share; the same on all ranks.</summary>
    /// <remarks>Collectives: those of the model's forward pass, and sums over the axes whose ranks saw other rows.</remarks>
    public ValidationResult Measure(LlamaModel model)
    {
        var (engine, mesh) = (model.Parameters.Engine, model.Parameters.Sharding.Mesh);
        var (nats, tokens, bytes) = (0.0, 0L, 0L);
        var numBatches = (_numWindows + microBatchSize - 1) / microBatchSize;
        var forward = new PipelineForward(model);
        // Ranks that share weights must run as many forward passes, so one that has no batch left runs the last again and counts nothing.
        for (var round = 0L; round < numBatches; round += mesh.DataDegree)
        {
            var number = round + mesh.DataRank;
            var host = ReadBatch(Math.Min(number, numBatches - 1));
            var lost = forward.Run(host);
            if (number >= numBatches)
                continue;
            nats += lost;
            tokens += host.NumValidTokens;
            bytes += bytesOf is null ? 0 : host.Targets.Where(target => target >= 0).Sum(target => bytesOf((int)target));
        }

        forward.Complete();
        nats = mesh.SumOverRows(engine, nats)[0];
        var counts = mesh.SumOverData(engine, tokens, bytes);
        return new ValidationResult(name, nats / counts[0], counts[1] > 0 ? nats / Math.Log(2) / counts[1] : null);
    }

    private HostBatch ReadBatch(long number)
    {
        var window = number * microBatchSize;
        return _source.Read(window, (int)Math.Min(microBatchSize, _numWindows - window));
    }

    private static long WindowsOf(SequentialWindows windows, long? maxTokens) => maxTokens is { } max
        ? Math.Clamp(max / windows.Stride, 1, windows.Count)
        : windows.Count;
}
