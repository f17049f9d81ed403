using System.CommandLine;
using System.Globalization;
using Altiplano.Torch;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Cli.Verbs;

/// <summary><c>selftest</c>: how far a run on many ranks is from the same run on one.</summary>
internal static class SelfTestVerb
{
    private const int DefaultMaxRanks = 8;
    private const int MostRanks = 64;

    public static Command Create()
    {
        var maxRanks = new Option<int>("--max-ranks")
        {
            Description = $"Largest layout, in ranks; each is a thread. At most {MostRanks}.", DefaultValueFactory = _ => DefaultMaxRanks,
        }.AtLeast(2, "counts the ranks of a layout");
        maxRanks.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var ranks) && ranks > MostRanks)
                given.AddError($"--max-ranks is {ranks}, but the toy model has work for {MostRanks} ranks. Use {MostRanks} or fewer.");
        });
        var steps = new Option<int>("--steps") { Description = "Optimizer steps of each layout.", DefaultValueFactory = _ => new TrialSpec().Steps }
            .AtLeast(1, "counts optimizer steps");
        var precision = new Option<string>("--precision")
        {
            Description = "Of weights and arithmetic: fp64 shows a wrong sum, fp32 what rounding does.", DefaultValueFactory = _ => "fp64",
        }.AcceptOnlyFromAmong("fp64", "fp32");
        var command = new Command(
            "selftest", "Trains a toy model on every layout that this build has, and prints how far each is from one rank.")
        {
            maxRanks, steps, precision,
        };
        command.SetAction(arguments => Run(
            arguments.GetRequiredValue(maxRanks),
            new TrialSpec
            {
                Steps = arguments.GetRequiredValue(steps),
                Precision = arguments.GetRequiredValue(precision) == "fp32" ? Precision.Fp32 : Precision.Fp64,
            },
            arguments.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(int maxRanks, TrialSpec spec, TextWriter output)
    {
        Libtorch.Load(threads: 1);
        var tolerance = TrialTolerance.Of(spec.Precision);
        var serial = LayoutTrial.Run(spec, TrialLayout.Serial);
        var layouts = TrialLayout.Grid(maxRanks);
        output.WriteLine(
            $"{spec.Architecture.NumParameters:N0} parameters, {spec.Steps} steps of {TrialSpec.SequencesPerStep} sequences, " +
            $"{(spec.Precision == Precision.Fp32 ? "fp32" : "fp64")}; largest differences from one rank:");
        output.WriteLine($"{"layout",-55} {"loss",9} {"gnorm",9} {"gradients",9} {"weights",9}");
        var numWrong = layouts.Count(layout => !Try(layout));
        output.WriteLine($"{"normal up to",-55} {Show(tolerance.Loss)} {Show(tolerance.GradNorm)} {Show(tolerance.Gradient)} {Show(tolerance.Weight)}");
        output.WriteLine(numWrong == 0
            ? $"{layouts.Count} layouts, all as one rank."
            : $"{numWrong} of {layouts.Count} layouts differ by more than rounding: do not train on them, and report it.");
        return numWrong == 0 ? ExitCodes.Done : ExitCodes.Failed;

        bool Try(TrialLayout layout)
        {
            var found = TrialDifference.Between(serial, LayoutTrial.Run(spec, layout));
            var isNormal = tolerance.Allows(found);
            output.WriteLine(
                $"{layout,-55} {Show(found.Loss)} {Show(found.GradNorm)} {Show(found.Gradient)} {Show(found.Weight)}" +
                (isNormal ? "" : $"  WRONG: largest in {found.GradientOf} and {found.WeightOf}"));
            return isNormal;
        }
    }

    private static string Show(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture).PadLeft(9);
}
