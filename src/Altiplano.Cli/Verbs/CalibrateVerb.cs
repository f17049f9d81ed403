using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;

namespace Altiplano.Cli.Verbs;

/// <summary><c>calibrate</c>: what this machine's ranks cost or, from measured runs, the coefficients of a stack.</summary>
internal static class CalibrateVerb
{
    private const string Physics = "physics";
    private const string Family = "family";

    /// <summary>Two measured runs for each coefficient of memory: fewer say nothing of it.</summary>
    private const int LeastMemoryRuns = 8;

    private static readonly Option<string[]> From = new("--from")
    {
        Description = "Measured runs: JSON as docs/cases.md has it, or a CSV file of vTrain's. May be given several times. " +
            "Without it this machine is measured.",
        HelpName = "FILE", DefaultValueFactory = _ => [],
    };

    private static readonly Option<string[]> Gpus = new("--gpu")
    {
        Description = "Takes only runs on this GPU. May be given several times.", HelpName = "NAME",
    };

    private static readonly Option<string?> Fabric = new("--fabric")
    {
        Description = "Takes only runs over this kind of network.", HelpName = "KIND",
    };

    private static readonly Option<string?> Format = new("--precision")
    {
        Description = "Takes only runs in bf16 or in fp8; of this machine, the format that is measured: fp32 unless given, fp64 or bf16.",
        HelpName = "FORMAT",
    };

    private static readonly Option<string?> Prior = new("--prior")
    {
        Description = "Where the fit begins: a stack or its file; physics for benchmarks of kernels and collectives alone; family for what the sources " +
            "of the files have in common on this generation of GPUs; the nearest stack unless given.",
        HelpName = "STACK",
    };

    private static readonly Option<string> Out = new("--out")
    {
        Description = "The file to write: a stack, or this machine; what an existing machine file has of other ranks and threads stays.",
        HelpName = "FILE", Required = true,
    };

    private static readonly MachineCalibrationArguments Machine = new();

    public static Command Create()
    {
        var command = new Command(
            "calibrate", "Measures this machine for the planner; with --from, fits the coefficients of a stack to measured runs.")
        {
            From, Gpus, Fabric, Format, Prior, Out,
        };
        Machine.AddTo(command);
        command.SetAction(arguments =>
        {
            if (arguments.GetRequiredValue(From).Length == 0)
            {
                ConfigException.ThrowIfAny([.. FindOptionsOfRuns(arguments)]);
                return Machine.Run(arguments, arguments.GetValue(Format), arguments.GetRequiredValue(Out));
            }

            var stacks = new StackCatalog(PresetFolder.Shipped());
            var set = ReadSet(arguments);
            var start = Start(stacks, set, arguments.GetValue(Prior));
            var memory = stacks.For(set.Points[0].Cluster.Gpu, set.Fabric, set.Precision).Memory;
            if (set.Memory.Count >= LeastMemoryRuns)
                memory = CalibrationRounding.Round(MemoryCalibrator.Fit(set.Memory, memory));
            var fitted = Fit(start, set, memory, Path.GetFileNameWithoutExtension(arguments.GetRequiredValue(Out)));
            CalibrationTable.Write(set, start.Coefficients, fitted.Coefficients, arguments.InvocationConfiguration.Output);
            StackCatalog.Write(fitted, arguments.GetRequiredValue(Out));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What only measured runs have.</summary>
    private static IEnumerable<string> FindOptionsOfRuns(ParseResult arguments) =>
        from option in new Option[] { Gpus, Fabric, Prior }
        where arguments.GetResult(option) is { Implicit: false }
        select $"{option.Name} is given, but it is for runs that {From.Name} names. Add {From.Name} FILE, or leave it out.";

    private static CalibrationSet ReadSet(ParseResult arguments)
    {
        var runs = new MeasuredRuns(PresetFolder.Shipped()).Read(arguments.GetRequiredValue(From));
        return runs.Select(arguments.GetValue(Gpus) ?? [], arguments.GetValue(Fabric), arguments.GetValue(Format));
    }

    private static StackSpec Start(StackCatalog stacks, CalibrationSet set, string? prior)
    {
        var gpu = set.Points[0].Cluster.Gpu;
        if (prior is not (null or Physics or Family))
            return stacks.Stacks.Read(prior, "--prior");
        var nearest = stacks.Nearest(gpu, set.Fabric, set.Precision);
        return prior switch
        {
            null => nearest,
            Physics => nearest with { Coefficients = nearest.Coefficients with { Time = PhysicalPrior.Of(gpu) } },
            _ => nearest with { Coefficients = nearest.Coefficients with { Time = FamilyPrior.Of(set.All, gpu, set.Precision) } },
        };
    }

    private static StackSpec Fit(StackSpec start, CalibrationSet set, MemoryCoefficients memory, string name)
    {
        var time = CalibrationRounding.Round(Calibrator.Fit(set.Points, start.Coefficients.Time));
        var sigma = CalibrationRounding.Round(Calibrator.RelativeSigma(set.Points, time));
        return new StackSpec
        {
            Name = name,
            Version = start.Name == name ? start.Version + 1 : 1,
            Gpus = set.Gpus,
            Fabrics = [set.Fabric],
            Precision = set.Precision,
            Coefficients = start.Coefficients with { Name = name, Time = time, RelativeSigma = sigma, Memory = memory, Evidence = Evidence.Interpolated },
            Sources = [.. set.Points.GroupBy(p => p.Source).Select(g => $"{g.Key}: {MeasuredRuns.Runs(g.Count())}")],
        };
    }
}
