namespace Altiplano.Planning.Search;

/// <summary>How much less sure a prediction is beyond the runs that its coefficients were fitted to.</summary>
internal static class Extrapolation
{
    /// <summary>The largest published run with a complete record: Llama 3 405B, arXiv:2407.21783 table 4.</summary>
    private const long LargestMeasuredRun = 16384;

    /// <summary>Spread that each doubling of the ranks adds, assumed.</summary>
    private const double SigmaPerDoubling = 0.02;

    /// <summary>Standard deviation of the logarithm of a step's time.</summary>
    public static double Sigma(PlanRequest request, long world)
    {
        var doublings = Math.Max(0, Math.Log2((double)world / LargestMeasuredRun));
        var added = SigmaPerDoubling * doublings;
        return Math.Sqrt(request.Stack.RelativeSigma * request.Stack.RelativeSigma + added * added);
    }
}
