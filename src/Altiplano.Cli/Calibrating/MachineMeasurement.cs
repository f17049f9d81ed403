using System.Globalization;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Verbs;
using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Planning.Machines;
using Altiplano.Torch;
using Altiplano.Training.Loop;
using Altiplano.Training.Measuring;

namespace Altiplano.Cli.Calibrating;

/// <summary>Measures ranks of this machine and writes what they cost into its file.</summary>
/// <param name="file">The machine file; costs of other ranks and threads that it has stay.</param>
/// <param name="output">Of rank 0; nobody reads the others'.</param>
internal sealed class MachineMeasurement(int threads, string transport, Precision precision, string file, TextWriter output)
{
    /// <summary>Two rounds that differ more were not alone on the machine.</summary>
    private const double QuietSpread = 0.05;

    /// <param name="world">The processes that measure at the same time; null for this one alone.</param>
    /// <returns>The exit status.</returns>
    public int Run(ICommunicator? world)
    {
        if (world is null or { Rank: 0 })
            OutputFile.Check("--out", file);
        var here = Describe(Libtorch.Load(threads));
        if (world is { Rank: > 0 })
        {
            new MachineCalibration(world, threads, transport, precision).Measure(_ => { });
            return ExitCodes.Done;
        }

        var catalog = new MachineCatalog(PresetFolder.Shipped());
        var before = File.Exists(file) ? catalog.Read(file, "--out") : here;
        RequireSame(before, here);
        var costs = new MachineCalibration(world, threads, transport, precision).Measure(Say);
        Finish(catalog, before with { MeasuredAt = here.MeasuredAt, LibtorchVersion = here.LibtorchVersion }, costs);
        return ExitCodes.Done;
    }

    /// <summary>Each rank a thread of this process.</summary>
    /// <returns>The exit status.</returns>
    public int RunInProcess(int ranks)
    {
        Libtorch.Load(threads);
        InProcessWorld.Run(ranks, world => Run(world));
        return ExitCodes.Done;
    }

    private void Say(string what) => output.WriteLine($"measuring {what}");

    private void Finish(MachineCatalog catalog, MachineSpec machine, RankCosts costs)
    {
        catalog.Write(machine.With(costs), file);
        CostTable.Write(costs, output);
        if (costs.Spread > QuietSpread)
        {
            output.WriteLine(
                $"The machine was busy: two rounds of the same steps differ by {(100 * costs.Spread).ToString("0.0", CultureInfo.InvariantCulture)} %, " +
                $"more than {100 * QuietSpread:0} %. Measure again when nothing else runs.");
        }

        output.WriteLine($"wrote {file}: {costs.Describe()}");
    }

    private MachineSpec Describe(Libtorch libtorch)
    {
        var environment = RunEnvironment.Capture(libtorch.Folder, libtorch.Version.ToString(), libtorch.Threads, TimeProvider.System);
        return new MachineSpec
        {
            Name = Path.GetFileNameWithoutExtension(file), Cpu = environment.Cpu, Cores = environment.Cores, Memory = ProcessMemory.Available(),
            MeasuredAt = environment.Time, LibtorchVersion = environment.LibtorchVersion, Ranks = [],
        };
    }

    private void RequireSame(MachineSpec before, MachineSpec here)
    {
        if (before.Cpu == here.Cpu)
            return;
        throw new ConfigException($"--out is {file}, which describes another machine: its cpu is {before.Cpu}, this is {here.Cpu}. Give another file.");
    }
}
