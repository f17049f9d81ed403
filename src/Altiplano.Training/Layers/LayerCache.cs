using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Keys and values of the tokens that one layer has seen, for generation.</summary>
public sealed class LayerCache(Engine engine, LlamaArchitecture model, ScalarType type, int capacity) : IDisposable
{
    private readonly Tensor _k_SKH = engine.Empty(type, capacity, model.NumKeyValueHeads, model.HeadDim);
    private readonly Tensor _v_SKH = engine.Empty(type, capacity, model.NumKeyValueHeads, model.HeadDim);

    /// <summary>Tokens held.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Appends the rows' keys and values, then attends: causally among the first rows, or one row to all that is held.
    /// </summary>
    /// <param name="chunk">Tokens of the chunks that a row sees no further than; null for all.</param>
    /// <exception cref="ShapeException">The cache is full, or several rows come after the first.</exception>
    public void AttendAndAppend(Tensor output_RNH, HeadViews heads, int? chunk = null)
    {
        var rows = (int)heads.K_RKH.Size(0);
        if (Count + rows > capacity)
            throw new ShapeException($"The cache holds {Count} of {capacity} tokens and cannot take {rows} more.");
        if (Count > 0 && rows > 1)
            throw new ShapeException($"{rows} rows came after {Count} cached tokens; after the first rows they come one by one.");
        Append(_k_SKH, heads.K_RKH);
        Append(_v_SKH, heads.V_RKH);
        Count += rows;
        if (rows > 1)
            AttendAmongRows(output_RNH, heads, new Segment(0, rows).Cut(chunk ?? rows));
        else
            AttendFrom(chunk is { } tokens ? (Count - 1) / tokens * tokens : 0, output_RNH, heads);
    }

    public void Dispose()
    {
        _k_SKH.Dispose();
        _v_SKH.Dispose();
    }

    private void Append(Tensor held_SKH, Tensor rows_RKH)
    {
        using var free = held_SKH.Rows(Count, rows_RKH.Size(0));
        engine.Copy(free, rows_RKH);
    }

    private void AttendAmongRows(Tensor output_RNH, HeadViews heads, IEnumerable<Segment> segments)
    {
        foreach (var part in engine.Attention(output_RNH, heads.Q_RNH, heads.K_RKH, heads.V_RKH, [.. segments]))
            part.Dispose();
    }

    private void AttendFrom(int first, Tensor output_RNH, HeadViews heads)
    {
        using var k_SKH = _k_SKH.Rows(first, Count - first);
        using var v_SKH = _v_SKH.Rows(first, Count - first);
        engine.AttentionToCache(output_RNH, heads.Q_RNH, k_SKH, v_SKH);
    }
}
