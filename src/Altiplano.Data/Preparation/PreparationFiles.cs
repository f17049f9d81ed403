using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Preparation;

/// <summary>The paths that one preparation writes to.</summary>
internal sealed record PreparationFiles(TokenFilePaths Train, TokenFilePaths Validation, bool HasValidation)
{
    public string Progress => Train.Prefix + ".progress.json";

    public static PreparationFiles Of(PreparationOptions options) =>
        new(new TokenFilePaths(options.Output), new TokenFilePaths(options.ValidationOutput), options.ValidationShare > 0);

    /// <summary>The state that can be gone on from; the start, with old progress removed, when there is none.</summary>
    public PreparationState LoadOrStart(string job, TokenDtype dtype)
    {
        var state = PreparationState.TryLoad(Progress, job);
        if (state is not null && (state.IsComplete || CanResume(state, dtype)))
            return state;
        File.Delete(Progress); // before the partial files are overwritten, or it would describe another job's bytes
        return new PreparationState(job, default, TokenFileState.Empty, TokenFileState.Empty, IsComplete: false);
    }

    /// <summary>Gives the complete files their names and removes what only the way there needed.</summary>
    public PreparationResult Publish()
    {
        TokenFileWriter.Publish(Train);
        if (HasValidation)
            TokenFileWriter.Publish(Validation);
        else
            TokenFileWriter.Discard(Validation);
        File.Delete(Progress);
        return new PreparationResult(
            Train, TokenFileMetadata.TryLoad(Train.Meta)!,
            HasValidation ? Validation : null, HasValidation ? TokenFileMetadata.TryLoad(Validation.Meta) : null);
    }

    /// <summary>Removes all that was written aside: the same inputs and options would come to the same end.</summary>
    public void Discard()
    {
        File.Delete(Progress);
        TokenFileWriter.Discard(Train);
        TokenFileWriter.Discard(Validation);
    }

    private bool CanResume(PreparationState state, TokenDtype dtype) =>
        TokenFileWriter.CanResume(Train, dtype, state.Train) && TokenFileWriter.CanResume(Validation, dtype, state.Validation);
}
