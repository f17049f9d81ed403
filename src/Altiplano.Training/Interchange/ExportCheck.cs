using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>Reads an export back before it gets its name.</summary>
internal static class ExportCheck
{
    /// <param name="written">Where the export lies.</param>
    /// <param name="target">The name that it is to have, for the message.</param>
    /// <exception cref="CheckpointException">It cannot be read back, or the verifier refuses it.</exception>
    public static void Run(string written, string target, ExportVerifier? verify)
    {
        using var model = ModelReader.Open(written);
        if (verify?.Invoke(model) is { } problem)
            throw new CheckpointException(
                $"{target}: the export was refused when read back, and nothing of it is kept: {problem}");
    }
}
