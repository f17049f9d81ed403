using Altiplano.Data.Sampling;
using Altiplano.Data.TokenFiles;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop.Metrics;

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

    public ValidationResult Measure(LlamaModel model)
    {
        var (nats, tokens, bytes) = (0.0, 0L, 0L);
        for (var window = 0L; window < _numWindows; window += microBatchSize)
        {
            var host = _source.Read(window, (int)Math.Min(microBatchSize, _numWindows - window));
            using var batch = host.Upload(model.Parameters.Engine, model.Parameters.Vocabulary, model.Parameters.Context);
            using var losses_R = model.Losses(batch);
            nats += TrainingStep.SumOf(losses_R);
            tokens += batch.NumValidTokens;
            bytes += bytesOf is null ? 0 : host.Targets.Where(target => target >= 0).Sum(target => bytesOf((int)target));
        }

        return new ValidationResult(name, nats / tokens, bytes > 0 ? nats / Math.Log(2) / bytes : null);
    }

    private static long WindowsOf(SequentialWindows windows, long? maxTokens) => maxTokens is { } max
        ? Math.Clamp(max / windows.Stride, 1, windows.Count)
        : windows.Count;
}
