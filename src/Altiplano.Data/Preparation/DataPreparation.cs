using Altiplano.Data.Corpora;
using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Preparation;

/// <summary>Turns files of text into token files, in parallel and restartable.</summary>
/// <remarks>
/// The bytes written depend on inputs, options and tokenizer alone, not on the number of workers or of interruptions.
/// </remarks>
public static class DataPreparation
{
    /// <summary>Prepares the data, or goes on where an interrupted preparation of the same job was.</summary>
    /// <exception cref="DataFormatException">
    /// The input cannot be read, or the output cannot be written (a full disk); what was there before is untouched.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the next call with the same arguments goes on.</exception>
    public static PreparationResult Run(
        PreparationOptions options, TokenEncoder encoder, IProgress<PreparationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        PreparationRules.Check(options, encoder);
        var corpus = Corpus.Open(options.Inputs, options.Corpus);
        var files = PreparationFiles.Of(options);
        try
        {
            if (Path.GetDirectoryName(options.Output) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            var fingerprint = PreparationJob.FingerprintOf(corpus, encoder, options);
            var state = files.LoadOrStart(fingerprint, TokenDtypes.For(encoder.VocabSize));
            if (!state.IsComplete)
                Write(new Job(corpus, encoder, options), files, state, progress, cancellation);
            return files.Publish();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(
                $"{options.Output}: the token files cannot be written: {e.Message} Files that were there before are untouched. " +
                "Make room, wait for the process that writes there, or choose another output; the same command then goes on " +
                "where it stopped.", e);
        }
    }

    private static void Write(
        Job job, PreparationFiles files, PreparationState state, IProgress<PreparationProgress>? progress,
        CancellationToken cancellation)
    {
        using var output = PreparationOutput.Open(files, TokenDtypes.For(job.Encoder.VocabSize), state);
        var meter = new ProgressMeter(job.Corpus, progress);
        var chunks = TextChunk.Cut(job.Corpus.Read(output.Next));
        var encoder = new ChunkEncoder(job.Corpus, job.Encoder, job.Options);
        try
        {
            OrderedWorkers.RunAsync(chunks, encoder.Encode, Append, job.Options.Workers, cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            output.Save(isComplete: false);
            throw;
        }

        try
        {
            output.Complete(job.Describe, job.Options.ValidationShare);
        }
        catch (DataFormatException)
        {
            files.Discard();
            throw;
        }

        void Append(EncodedChunk chunk)
        {
            output.Append(chunk);
            meter.Report(chunk.Last, output);
        }
    }

    /// <summary>What is read, and how it becomes tokens.</summary>
    private sealed record Job(Corpus Corpus, TokenEncoder Encoder, PreparationOptions Options)
    {
        public TokenFileMetadata Describe(TokenFileState state, string binSha256) => new()
        {
            Version = TokenFileMetadata.CurrentVersion,
            TokenizerHash = Encoder.Hash,
            VocabSize = Encoder.VocabSize,
            NumTokens = state.NumTokens,
            NumDocuments = state.NumDocuments,
            TextBytes = state.TextBytes,
            MaxTokenId = state.MaxToken,
            MaxTokenPosition = state.MaxPosition,
            HasBos = Options.AddBos,
            HasEos = Options.AddEos,
            Sources = [.. Corpus.Files.Select(file => file.Name)],
            BinSha256 = binSha256,
        };
    }
}
