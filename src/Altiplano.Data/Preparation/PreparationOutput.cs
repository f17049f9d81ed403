using Altiplano.Data.Corpora;
using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Preparation;

/// <summary>The files that a preparation writes, with the progress that lets the next process go on.</summary>
internal sealed class PreparationOutput : IDisposable
{
    private const int ChunksPerSave = 32; // some 30 MB of text is the most that is encoded twice

    private readonly PreparationFiles _files;
    private readonly TokenFileWriter _train;
    private readonly TokenFileWriter _validation;
    private readonly string _job;
    private CorpusPosition _next;

    private PreparationOutput(PreparationFiles files, TokenFileWriter train, TokenFileWriter validation, PreparationState state)
    {
        (_files, _train, _validation) = (files, train, validation);
        (_job, _next) = (state.Job, state.Next);
    }

    /// <summary>The place in the corpus behind all that is written.</summary>
    public CorpusPosition Next => _next;

    public long NumDocuments => _train.State.NumDocuments + _validation.State.NumDocuments;
    public long NumTokens => _train.State.NumTokens + _validation.State.NumTokens;

    /// <param name="state">Where to go on; its partial files exist, or it is the start.</param>
    public static PreparationOutput Open(PreparationFiles files, TokenDtype dtype, PreparationState state)
    {
        var train = TokenFileWriter.Open(files.Train, dtype, state.Train);
        try
        {
            return new PreparationOutput(files, train, TokenFileWriter.Open(files.Validation, dtype, state.Validation), state);
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    public void Append(EncodedChunk chunk)
    {
        _train.Append(chunk.Train);
        _validation.Append(chunk.Validation);
        _next = chunk.Last.Next;
        if ((chunk.Index + 1) % ChunksPerSave == 0)
            Save(isComplete: false);
    }

    /// <summary>Saves what is written, so that it need not be encoded again.</summary>
    public void Save(bool isComplete)
    {
        _train.Flush();
        _validation.Flush();
        new PreparationState(_job, _next, _train.State, _validation.State, isComplete).Save(_files.Progress);
    }

    /// <summary>Writes indices and metadata aside; after it <see cref="PreparationFiles.Publish"/> has but to rename.</summary>
    /// <exception cref="DataFormatException">There is no document for a file that was asked for.</exception>
    public void Complete(Func<TokenFileState, string, TokenFileMetadata> describe, double validationShare)
    {
        if (_train.State.NumDocuments == 0)
            throw new DataFormatException(
                $"{_files.Train.Prefix}: the inputs hold no text to train on ({_validation.State.NumDocuments:N0} documents " +
                "held out).");
        if (validationShare > 0 && _validation.State.NumDocuments == 0)
            throw new DataFormatException(
                $"A validation share of {validationShare} holds out none of {NumDocuments:N0} documents. Raise it, or " +
                "give a validation file of its own.");
        _train.Complete(describe(_train.State, _train.BinSha256()));
        if (validationShare > 0)
            _validation.Complete(describe(_validation.State, _validation.BinSha256()));
        Save(isComplete: true);
    }

    public void Dispose()
    {
        _validation.Dispose();
        _train.Dispose();
    }
}
