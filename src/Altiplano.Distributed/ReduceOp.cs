namespace Altiplano.Distributed;

/// <summary>How elements of different ranks become one.</summary>
public enum ReduceOp
{
    /// <summary>In rank order: ((x0 + x1) + x2) + ..., so that the result has the same bits on every rank and in every run.</summary>
    Sum,

    /// <summary>The larger; NaN if any is NaN.</summary>
    Max,
}
