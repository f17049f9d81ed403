using System.Globalization;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Calibration;

/// <summary>Four digits: more than any fit knows, few enough to read.</summary>
public static class CalibrationRounding
{
    public static double Round(double value) =>
        double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static MemoryCoefficients Round(MemoryCoefficients coefficients) => coefficients with
    {
        Framework = new Bytes((long)Round(coefficients.Framework.Value)),
        Fragmentation = Round(coefficients.Fragmentation),
        GradientBytes = Round(coefficients.GradientBytes),
        LogitBytes = Round(coefficients.LogitBytes),
    };

    public static TimeCoefficients Round(TimeCoefficients coefficients) =>
        FittedCoefficient.All.Aggregate(coefficients, (c, field) => field.With(c, Round(field.Get(c))));
}
