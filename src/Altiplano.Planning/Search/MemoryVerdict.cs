namespace Altiplano.Planning.Search;

/// <summary>Whether a layout fits into a GPU's memory, as far as can be known without the software that will run it.</summary>
public enum MemoryVerdict
{
    Fits,
    /// <summary>Not as predicted, but with the leanest software of the stack or within the spread of predictions.</summary>
    WithinUncertainty,
    DoesNotFit,
}

/// <summary>The words of <see cref="MemoryVerdict"/>.</summary>
public static class MemoryVerdicts
{
    /// <param name="predicted">Bytes of the fullest rank.</param>
    /// <param name="least">The same with the leanest software.</param>
    public static MemoryVerdict Of(double predicted, double least, double gpuBytes) =>
        predicted <= gpuBytes ? MemoryVerdict.Fits
        : Math.Min(least, Figure.Around(predicted, MemoryMargin.Sigma, Evidence.Interpolated).Low) <= gpuBytes ? MemoryVerdict.WithinUncertainty
        : MemoryVerdict.DoesNotFit;

    public static string Show(MemoryVerdict verdict) => verdict switch
    {
        MemoryVerdict.Fits => "fits",
        MemoryVerdict.WithinUncertainty => "fits within the uncertainty",
        _ => "does not fit",
    };
}
