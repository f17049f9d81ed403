using System.Diagnostics;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Planning;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;

namespace Altiplano.Bench;

/// <summary>How fast the planner is: single evaluations, Calculon's space, and a whole search; prints Markdown.</summary>
internal static class PlanSpeed
{
    private const int Threads = 2;

    public static void Run()
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}\n");
        Console.WriteLine("| what | layouts | seconds | a second and core | bytes allocated a layout |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        Evaluations();
        Calculon();
        Search("llama3.1-405b", "meta-24k-h100-roce", 16384, Precision.Bf16);
        Search("llama4-behemoth", "h100-100k", 100352, Precision.Fp8);
    }

    private static ClusterSpec Cluster(string name) => new HardwareCatalog(PresetFolder.Shipped()).Cluster(name);

    private static PlanRequest Request(string model, string cluster, int gpus, Precision precision)
    {
        var presets = PresetFolder.Shipped();
        var machines = Cluster(cluster);
        return new PlanRequest
        {
            Model = new ModelCatalog(presets).Model(model).Shape,
            Cluster = machines,
            Stack = PlanStack.Default,
            Reliability = PlanReliability.Read(presets, machines.Reliability, null),
            Phases = [new PlanPhase("all", 15.6e12, 8192, (15_000_000 + 8191) / 8192, 17_000_000 / 8192)],
            Precision = precision,
            Gpus = gpus,
            Threads = Threads,
        };
    }

    /// <summary>Calculon's layouts one by one on one core, nothing kept from one to the next.</summary>
    private static void Evaluations()
    {
        var machine = Machine();
        var executions = CalculonSpace.Enumerate().ToArray();
        Evaluate(machine, executions.AsSpan(0, executions.Length / 4));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        Evaluate(machine, executions);
        Row("single evaluations, one core", executions.Length, watch.Elapsed.TotalSeconds, 1, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    private static EvaluatedMachine Machine()
    {
        var cluster = Cluster("h100-100k") with { NumGpus = 4096 };
        var request = Request("llama3.1-405b", "h100-100k", 4096, Precision.Bf16) with { Model = CalculonSpace.Model, Cluster = cluster };
        return new EvaluatedMachine(request, 4096);
    }

    private static double Evaluate(EvaluatedMachine machine, ReadOnlySpan<CalculonExecution> executions)
    {
        var best = double.PositiveInfinity;
        foreach (ref readonly var execution in executions)
            best = Math.Min(best, machine.Evaluate(execution.Layout, execution.GlobalBatchSequences));
        return best;
    }

    private static void Calculon()
    {
        var machine = Machine();
        var executions = CalculonSpace.Enumerate().ToArray();
        var copies = executions.Sum(e => (long)e.Copies);
        if (copies != CalculonSpace.Executions)
            throw new InvalidOperationException($"Enumerated {copies:N0} executions, Calculon has {CalculonSpace.Executions:N0}.");
        var watch = Stopwatch.StartNew();
        Parallel.ForEach(
            executions, new ParallelOptions { MaxDegreeOfParallelism = Threads }, execution =>
            {
                for (var copy = 0; copy < execution.Copies; copy++)
                    machine.Evaluate(execution.Layout, execution.GlobalBatchSequences);
            });
        Row("Calculon's 1T space, every execution evaluated anew, two cores", copies, watch.Elapsed.TotalSeconds, Threads, null);
        watch.Restart();
        Parallel.ForEach(
            executions, new ParallelOptions { MaxDegreeOfParallelism = Threads },
            execution => machine.Evaluate(execution.Layout, execution.GlobalBatchSequences));
        Row("the same, each distinct layout once", executions.Length, watch.Elapsed.TotalSeconds, Threads, null);
    }

    private static void Search(string model, string cluster, int gpus, Precision precision)
    {
        var request = Request(model, cluster, gpus, precision);
        new Planner(request).Plan();
        var watch = Stopwatch.StartNew();
        var plan = new Planner(request).Plan();
        var (counts, seconds) = (plan.Main.Counts, watch.Elapsed.TotalSeconds);
        Row($"search of {model} on {gpus:N0} GPUs, two cores", counts.Raw, seconds, Threads, null);
        Console.Error.WriteLine(
            $"{model}: raw {counts.Raw:N0}, evaluated {counts.Evaluated:N0}, fitting {counts.Fitting:N0}, illegal {counts.Illegal:N0}, skipped by time " +
            $"{counts.SkippedByTime:N0}, by memory {counts.SkippedByMemory:N0}; {LayoutText.Of(plan.Main.Winner.Layout)}");
    }

    private static void Row(string what, long layouts, double seconds, int cores, long? allocated) => Console.WriteLine(
        $"| {what} | {layouts:N0} | {seconds:0.00} | {layouts / seconds / cores:N0} | {(allocated is { } bytes ? $"{(double)bytes / layouts:0.0}" : "")} |");
}
