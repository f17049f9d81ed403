namespace Altiplano.Planning.Search;

/// <summary>How much of a GPU's memory a layout may be predicted to need.</summary>
public enum MemoryRule
{
    /// <summary>The upper end of the 80 % interval is within the GPU's memory: nine of ten such layouts run.</summary>
    WithMargin,
    /// <summary>The prediction itself is within the GPU's memory: about half of those at the edge run.</summary>
    WithoutMargin,
    /// <summary>Memory is computed, not asked: says what a layout that cannot run would take.</summary>
    Unasked,
}

/// <summary>What predictions of memory are worth.</summary>
public static class MemoryMargin
{
    /// <summary>Spread of memory predictions about measured peaks; a sum of tensors known exactly and of what libraries take.</summary>
    public const double Sigma = 0.06;

    /// <summary>The rule in words, as pages and files state it.</summary>
    public const string Rule = "a layout fits when the upper end of the 80 % interval of its memory is within the GPU's memory";

    /// <summary>What the prediction must not exceed, in bytes; infinite where memory is not asked.</summary>
    public static double Limit(double gpuBytes, MemoryRule rule) => rule switch
    {
        MemoryRule.WithMargin => gpuBytes / Figure.Around(1, Sigma, Evidence.Assumed).High,
        MemoryRule.WithoutMargin => gpuBytes,
        _ => double.PositiveInfinity,
    };
}
