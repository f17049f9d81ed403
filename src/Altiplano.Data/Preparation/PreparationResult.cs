using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Preparation;

/// <summary>The token files that a preparation wrote.</summary>
/// <param name="Validation">Null when nothing was held out.</param>
public sealed record PreparationResult(
    TokenFilePaths Train, TokenFileMetadata TrainMetadata,
    TokenFilePaths? Validation, TokenFileMetadata? ValidationMetadata);
