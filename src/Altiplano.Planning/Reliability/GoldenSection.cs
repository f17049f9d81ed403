namespace Altiplano.Planning.Reliability;

/// <summary>The largest value of a function with one hill, without derivatives and without allocation.</summary>
internal static class GoldenSection
{
    private const double Ratio = 0.6180339887498949;

    public delegate double Function<TState>(in TState state, double x);

    /// <summary>Where the hill is, to a part in 10^7, which is where its value stops changing in double precision.</summary>
    /// <param name="least">Above 0; the search is on the logarithm, since intervals range over decades.</param>
    public static double Maximum<TState>(double least, double most, in TState state, Function<TState> f)
    {
        var (low, high) = (Math.Log(least), Math.Log(most));
        var (left, right) = (high - (Ratio * (high - low)), low + (Ratio * (high - low)));
        var (atLeft, atRight) = (f(state, Math.Exp(left)), f(state, Math.Exp(right)));
        while (high - low > 1e-7)
        {
            if (atLeft >= atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                left = high - (Ratio * (high - low));
                atLeft = f(state, Math.Exp(left));
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                right = low + (Ratio * (high - low));
                atRight = f(state, Math.Exp(right));
            }
        }

        return f(state, least) >= Math.Max(atLeft, atRight) ? least : Math.Exp((low + high) / 2);
    }
}
