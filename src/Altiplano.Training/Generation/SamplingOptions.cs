namespace Altiplano.Training.Generation;

/// <summary>How the next token is chosen from its logits.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits; 0 takes the likeliest token.</summary>
    public double Temperature { get; init; } = 0.8;

    /// <summary>Only the likeliest so many are candidates; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the likeliest that together reach this probability are candidates; 1 for all.</summary>
    public double TopP { get; init; } = 0.95;

    /// <summary>The same seed gives the same text.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Every contradiction, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new List<string>();
        if (!(Temperature >= 0 && double.IsFinite(Temperature)))
        {
            problems.Add(
                $"{path}temperature is {Temperature}, but it divides logits. Use 0 for the likeliest token, or a positive number.");
        }

        if (TopK < 0)
            problems.Add($"{path}top-k is {TopK}, but it counts candidates. Use 0 for all, or a positive number.");
        if (!(TopP is > 0 and <= 1))
            problems.Add($"{path}top-p is {TopP}, but it is a probability. Use a number above 0, up to 1 for all candidates.");
        return problems;
    }
}
