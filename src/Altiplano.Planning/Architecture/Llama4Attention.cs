namespace Altiplano.Planning.Architecture;

/// <summary>Where attention of Llama 4 differs from Llama 3's. Layers with rotary embedding turn neighbouring elements of a head.</summary>
/// <param name="ChunkTokens">A layer with rotary embedding sees keys of its own chunk: documents are cut every so many tokens.</param>
/// <param name="FullEvery">
/// Every how many layers one has no rotary embedding and sees its whole document, the last of each group; 0 where none does.
/// </param>
/// <param name="HasQkNorm">Where there is rotary embedding, each head of queries and keys is normalised after it, without a weight.</param>
/// <param name="Temperature">Where there is no rotary embedding, queries grow with their position; null where they do not.</param>
/// <remarks>Source: meta-llama/llama-models, models/llama4/model.py.</remarks>
public sealed record Llama4Attention(int ChunkTokens, int FullEvery, bool HasQkNorm = false, AttentionTemperature? Temperature = null)
{
    /// <summary>True where a layer has no rotary embedding and sees its whole document.</summary>
    public bool IsFullLayer(int layer) => FullEvery > 0 && (layer + 1) % FullEvery == 0;

    /// <summary>Every reason why no attention has these rules, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(ChunkTokens, "chunk_tokens", ChunkTokens);
        problems.RequireNotNegative(FullEvery, "full_every", FullEvery);
        if (Temperature is { } temperature)
        {
            problems.RequirePositive(temperature.FloorScale, "temperature.floor_scale", temperature.FloorScale);
            problems.Require(temperature.Scale >= 0, "temperature.attn_scale", temperature.Scale, "it must be 0 or more. Llama 4 uses 0.1.");
        }

        return problems.Problems;
    }
}

/// <summary>A factor on queries that grows with their position p: 1 + scale · ln(1 + ⌊(p + 1) / floor scale⌋).</summary>
/// <param name="FloorScale">Positions between two steps.</param>
public sealed record AttentionTemperature(int FloorScale, double Scale)
{
    /// <param name="position">From 0, in the document.</param>
    public double At(long position) => 1 + Scale * Math.Log(1 + (position + 1) / FloorScale);
}
