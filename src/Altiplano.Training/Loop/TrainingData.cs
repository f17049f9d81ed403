using Altiplano.Data.Sampling;
using Altiplano.Data.TokenFiles;
using Altiplano.Data.Tokenizers;
using Altiplano.Planning;

namespace Altiplano.Training.Loop;

/// <summary>The corpora of a run, opened and checked against its tokenizer and its model.</summary>
public sealed class TrainingData : IDisposable
{
    private readonly List<TokenDataset> _opened = [];

    /// <exception cref="Data.DataFormatException">
    /// A file cannot be read, was made by another tokenizer, or has ids outside the model's vocabulary.
    /// </exception>
    /// <exception cref="ConfigException">The tokenizer does not fit the model.</exception>
    public TrainingData(RunConfig config)
    {
        var (data, batch) = (config.Data, config.Spec.Batch);
        var vocabSize = config.Spec.Model.Architecture.VocabSize;
        Tokenizer = data.Tokenizer is null ? null : Tokenizer.Load(data.Tokenizer);
        if (Tokenizer is not null && Tokenizer.VocabSize > vocabSize)
        {
            throw new ConfigException(
                $"data.tokenizer has {Tokenizer.VocabSize:N0} ids, but the model's vocab_size is {vocabSize:N0}. " +
                $"Use vocab_size {Tokenizer.VocabSize}, or the model's own tokenizer.");
        }

        try
        {
            var train = data.Train.Select(source => (Open(source.Path, vocabSize), source.Weight)).ToList();
            Batches = new BatchSource(
                new MixtureSampler(train, batch.SeqLen, (ulong)config.Run.Seed, data.Shuffle), data.DocumentMask);
            Validations = [.. data.Val.Select(source => new Validation(
                source.Name, Open(source.Path, vocabSize), batch.SeqLen, batch.MicroBatchSize.Or(1), data.DocumentMask,
                Tokenizer is null ? null : Tokenizer.CountBytes, data.MaxValTokens?.Value))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Tokenizer? Tokenizer { get; }
    public BatchSource Batches { get; }
    public IReadOnlyList<Validation> Validations { get; }

    /// <summary>What tells these corpora from others: sizes, and the checksums that their preparation wrote beside them.</summary>
    public string Fingerprint => string.Join(
        '\n', _opened.Select(dataset => $"{dataset.NumTokens} {dataset.NumDocuments} {dataset.Metadata?.BinSha256}").Append(Tokenizer?.Hash));

    public void Dispose() => _opened.ForEach(dataset => dataset.Dispose());

    private TokenDataset Open(string path, int vocabSize)
    {
        var dataset = TokenDataset.Open(path);
        _opened.Add(dataset);
        dataset.RequireVocabulary(vocabSize);
        if (Tokenizer is not null)
            dataset.RequireTokenizer(Tokenizer.Hash);
        return dataset;
    }
}
