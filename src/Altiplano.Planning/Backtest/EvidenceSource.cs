namespace Altiplano.Planning.Backtest;

/// <summary>What one source published: runs that can be computed again, and single figures.</summary>
public sealed record EvidenceSource
{
    public string Name { get; init; } = "";
    public string Citation { get; init; } = "";

    /// <summary>What holds for all its figures: software, conditions, how it counts.</summary>
    public string About { get; init; } = "";

    /// <summary>Shapes that <see cref="Runs"/> name.</summary>
    public IReadOnlyList<PublishedModel> Models { get; init; } = [];

    public IReadOnlyList<PublishedRun> Runs { get; init; } = [];
    public IReadOnlyList<EvidenceFigure> Figures { get; init; } = [];
}

/// <summary>A published figure that is no run.</summary>
/// <param name="Unit">In words, with what it holds for.</param>
/// <param name="Locator">Table, section or page.</param>
public sealed record EvidenceFigure(string Id, double Value, string Unit, string Locator, string Note = "");
