using System.Globalization;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Cli.Verbs;

/// <summary>What <c>selftest</c> prints: a line for each layout as soon as it has run.</summary>
/// <param name="run">Runs the trial on a layout.</param>
internal sealed class SelfTestTable(TrialSpec spec, Func<TrialLayout, TrialResult> run, TextWriter output)
{
    private readonly TrialTolerance _tolerance = TrialTolerance.Of(spec.Precision);

    /// <returns>The exit status: failed where a layout differs by more than rounding.</returns>
    public int Write(IReadOnlyList<TrialLayout> layouts)
    {
        output.WriteLine(
            $"{spec.Architecture.NumParameters:N0} parameters, {spec.Steps} steps of {TrialSpec.SequencesPerStep} sequences, " +
            $"{(spec.Precision == Precision.Fp32 ? "fp32" : "fp64")}; largest differences from one rank:");
        output.WriteLine($"{"layout",-55} {"loss",9} {"gnorm",9} {"gradients",9} {"weights",9}");
        var serial = LayoutTrial.Run(spec, TrialLayout.Serial);
        var numWrong = layouts.Count(layout => !Try(layout, serial));
        WriteLine("normal up to", _tolerance.Loss, _tolerance.GradNorm, _tolerance.Gradient, _tolerance.Weight, "");
        output.WriteLine(numWrong == 0
            ? $"{layouts.Count} layouts, all as one rank."
            : $"{numWrong} of {layouts.Count} layouts differ by more than rounding: do not train on them, and report it.");
        return numWrong == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private bool Try(TrialLayout layout, TrialResult serial)
    {
        var found = TrialDifference.Between(serial, run(layout));
        var isNormal = _tolerance.Allows(found);
        WriteLine(
            layout.ToString(), found.Loss, found.GradNorm, found.Gradient, found.Weight,
            isNormal ? "" : $"  WRONG: largest in {found.GradientOf} and {found.WeightOf}");
        return isNormal;
    }

    private void WriteLine(string layout, double loss, double norm, double gradient, double weight, string verdict) =>
        output.WriteLine($"{layout,-55} {Show(loss)} {Show(norm)} {Show(gradient)} {Show(weight)}{verdict}");

    private static string Show(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture).PadLeft(9);
}
