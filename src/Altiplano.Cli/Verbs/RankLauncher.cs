using System.Globalization;

namespace Altiplano.Cli.Verbs;

/// <summary>The launcher that started this process as one rank of several, as its environment tells.</summary>
internal sealed record RankLauncher(int Size, int RanksOnHost)
{
    /// <returns>Null where nothing did.</returns>
    public static RankLauncher? Detect() =>
        Read("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE") ?? Read("PMI_SIZE", "MPI_LOCALNRANKS");

    private static RankLauncher? Read(string size, string localSize) => Number(size) is { } ranks
        ? new RankLauncher(ranks, Number(localSize) ?? ranks)
        : null;

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;
}
