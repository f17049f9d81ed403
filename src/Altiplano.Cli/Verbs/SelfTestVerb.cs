using System.CommandLine;
using System.Globalization;
using Altiplano.Distributed;
using Altiplano.Distributed.Launchers;
using Altiplano.Distributed.Mpi;
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
        var mpi = new Option<bool>("--mpi")
        {
            Description = "Ranks are the processes that mpirun or srun started, on the layouts of as many ranks.",
        };
        var model = new Option<string>("--model")
        {
            Description = "dense is a Llama 3, moe a Llama 4, on layouts whose ranks share experts.", DefaultValueFactory = _ => "dense",
        }.AcceptOnlyFromAmong("dense", "moe");
        var command = new Command(
            "selftest", "Trains a toy model on every layout that this build has, and prints how far each is from one rank.")
        {
            maxRanks, steps, precision, model, mpi,
        };
        command.SetAction(arguments =>
        {
            var spec = new TrialSpec
            {
                Steps = arguments.GetRequiredValue(steps),
                Precision = arguments.GetRequiredValue(precision) == "fp32" ? Precision.Fp32 : Precision.Fp64,
                Architecture = arguments.GetRequiredValue(model) == "moe" ? TrialSpec.MixtureOfExperts : new TrialSpec().Architecture,
            };
            var (output, error) = (arguments.InvocationConfiguration.Output, arguments.InvocationConfiguration.Error);
            if (arguments.GetValue(mpi))
                return MpiWorld.Run(world => RunOn(world, spec, output), failure => FailureReport.Write(failure, error));
            if (Launcher.Detect() is { HasMpi: true, Size: > 1 } launcher)
            {
                throw new ConfigException(
                    $"{launcher.Size} processes were started, and without --mpi each would try every layout alone. Add --mpi, or start one process.");
            }

            Libtorch.Load(threads: 1);
            return new SelfTestTable(spec, layout => LayoutTrial.Run(spec, layout), output).Write(spec.Layouts(arguments.GetRequiredValue(maxRanks)));
        });
        return command;
    }

    /// <summary>The layouts of as many ranks as were started; rank 0 prints.</summary>
    private static int RunOn(ICommunicator world, TrialSpec spec, TextWriter output)
    {
        var ranks = world.Members.Count;
        var layouts = spec.Layouts(Math.Min(ranks, MostRanks)).Where(layout => layout.Mesh.World == ranks).ToList();
        if (layouts.Count == 0)
        {
            throw new ConfigException(
                $"selftest --mpi was started on {ranks} {(ranks == 1 ? "rank" : "ranks")}, but it tries layouts of 2, 4, 8, ... {MostRanks}. " +
                "Use mpirun --bind-to none -n 4 altiplano selftest --mpi.");
        }

        Libtorch.Load(threads: 1);
        return new SelfTestTable(spec, layout => LayoutTrial.RunRank(spec, layout, world), world.Rank == 0 ? output : TextWriter.Null).Write(layouts);
    }
}
