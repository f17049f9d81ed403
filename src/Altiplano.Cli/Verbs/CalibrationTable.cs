using System.Globalization;
using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;

namespace Altiplano.Cli.Verbs;

/// <summary>What <c>calibrate</c> prints: errors by source before and after, and every coefficient that moved.</summary>
internal static class CalibrationTable
{
    public static void Write(CalibrationSet set, StackCoefficients before, StackCoefficients after, TextWriter output)
    {
        output.WriteLine($"{"source",-44} {"runs",5}   {"before: mean",13} {"median",7} {"bias",7}   {"after: mean",12} {"median",7} {"bias",7}");
        var errorsBefore = set.Errors(before.Time, before.RelativeSigma);
        foreach (var ((source, old), (_, now)) in errorsBefore.Zip(set.Errors(after.Time, after.RelativeSigma)))
        {
            output.WriteLine(
                $"{source,-44} {old.Count,5}   {Percent(old.Mean),13} {Percent(old.Median),7} {Percent(old.Bias),7}   " +
                $"{Percent(now.Mean),12} {Percent(now.Median),7} {Percent(now.Bias),7}");
        }

        output.WriteLine();
        foreach (var c in FittedCoefficient.All.Where(c => c.Get(before.Time) != c.Get(after.Time)))
            output.WriteLine($"{c.Name,-30} {Show(c.Get(before.Time)),10} -> {Show(c.Get(after.Time)),-10} {c.Doc}");
        output.WriteLine($"{"relative_sigma",-30} {Show(before.RelativeSigma),10} -> {Show(after.RelativeSigma),-10} Width of the intervals.");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Show(double value) => value.ToString("G4", CultureInfo.InvariantCulture).ToLowerInvariant();
}
