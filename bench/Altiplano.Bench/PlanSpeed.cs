using System.Diagnostics;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Planning;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Search;

namespace Altiplano.Bench;

/// <summary>How fast the planner is: single evaluations, Calculon's space, and a whole search; prints Markdown.</summary>
internal static class PlanSpeed
{
    private const int Threads = 2;

    public static void Run()
    {
        Console.WriteLine($"""
            # Planner: how fast

            {DateTime.UtcNow:d MMMM yyyy}; {Environment.ProcessorCount} cores, .NET {Environment.Version}; measured, presets already read, after one warm-up.

                dotnet run -c Release --project bench/Altiplano.Bench -- plan-speed

            One evaluation is legality, memory of every stage, step time, watts and money of one layout. Seconds are wall-clock time, CPU seconds what all
            threads used: on a machine that does other things too, the first may be more than half of the second.

            | what | layouts | seconds | CPU seconds | a CPU second | bytes allocated a layout |
            | --- | --- | --- | --- | --- | --- |
            """);
        Evaluations();
        Calculon();
        Search("llama3.1-405b", "meta-24k-h100-roce", 16384, Precision.Bf16);
        Search("llama4-behemoth", "h100-100k", 100352, Precision.Fp8);
        Console.WriteLine($"""

            Calculon's space: its one-trillion-parameter model on 4,096 H100, batch 4,096, all of its axes ({CalculonSpace.Executions:N0} executions, enumerated as its
            `llm-optimal-execution` does). Which network an axis uses and how communication overlaps follow from placement and stack here, so many of its executions
            are one layout of ours; the first row evaluates each of them anew all the same.

            What there was, and what the searches did (global batch 15M to 17M tokens, 8,192 a sequence):

            {string.Join('\n', Searches)}

            A layout is skipped only where a lower bound shows that it cannot be among the best five meshes, or that it cannot fit; the bounds and their
            proofs stand in `StepBound`, `WorkBounds` and `TrunkSearch`, and `PlanSearchTests` compares bounded and exhaustive searches.
            """);
    }

    private static List<string> Searches { get; } = [];

    private static ClusterSpec Cluster(string name) => new HardwareCatalog(PresetFolder.Shipped()).Cluster(name);

    private static PlanRequest Request(string model, string cluster, int gpus, Precision precision)
    {
        var presets = PresetFolder.Shipped();
        var machines = Cluster(cluster);
        return new PlanRequest
        {
            Model = new ModelCatalog(presets).Model(model).Shape,
            Cluster = machines,
            Stack = PlanStack.For(presets, machines, precision),
            Reliability = PlanReliability.Read(presets, machines.Reliability, null),
            Phases = [new PlanPhase("all", 15.6e12, 8192, (15_000_000 + 8191) / 8192, 17_000_000 / 8192)],
            Precision = precision,
            Gpus = gpus,
            Threads = Threads,
        };
    }

    /// <summary>Calculon's layouts that are legal here, one by one on one core, nothing kept from one to the next.</summary>
    private static void Evaluations()
    {
        const int Rounds = 10;
        var machine = Machine();
        var executions = CalculonSpace.Enumerate().Where(e => machine.IsLegal(e.Layout, e.GlobalBatchSequences)).ToArray();
        for (var round = 0; round < Rounds; round++)
            Evaluate(machine, executions);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = CpuWatch.StartNew();
        for (var round = 0; round < Rounds; round++)
            Evaluate(machine, executions);
        Row("single evaluations of legal layouts, 1 thread", Rounds * executions.Length, watch, GC.GetAllocatedBytesForCurrentThread() - allocated);
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
        var watch = CpuWatch.StartNew();
        Parallel.ForEach(
            executions, new ParallelOptions { MaxDegreeOfParallelism = Threads }, execution =>
            {
                for (var copy = 0; copy < execution.Copies; copy++)
                    machine.Evaluate(execution.Layout, execution.GlobalBatchSequences);
            });
        Row("Calculon's 1T space, each execution evaluated anew, 2 threads", copies, watch, null);
        var legal = executions.Where(e => machine.IsLegal(e.Layout, e.GlobalBatchSequences)).Sum(e => (long)e.Copies);
        Searches.Add($"* Calculon's space: {legal:N0} of its executions are legal here; the others interleave more chunks than there are microbatches to fill.");
        watch = CpuWatch.StartNew();
        Parallel.ForEach(
            executions, new ParallelOptions { MaxDegreeOfParallelism = Threads },
            execution => machine.Evaluate(execution.Layout, execution.GlobalBatchSequences));
        Row("the same, each distinct layout once, 2 threads", executions.Length, watch, null);
    }

    private static void Search(string model, string cluster, int gpus, Precision precision)
    {
        var request = Request(model, cluster, gpus, precision);
        new Planner(request).Plan();
        var watch = CpuWatch.StartNew();
        var plan = new Planner(request).Plan();
        var counts = plan.Main.Counts;
        Row($"search of {model} on {gpus:N0} GPUs, 2 threads", counts.Raw, watch, null);
        Searches.Add(
            $"* {model}: {counts.Raw:N0} layouts; {counts.Evaluated:N0} evaluated, {counts.Fitting:N0} of them fit; {counts.SkippedByTime:N0} skipped by a bound " +
            $"of time, {counts.SkippedByMemory:N0} by a bound of memory; {counts.Illegal:N0} do not divide. Best: {LayoutText.Of(plan.Main.Winner.Layout)}.");
    }

    private static void Row(string what, long layouts, CpuWatch watch, long? allocated)
    {
        var (wall, cpu) = watch.Elapsed;
        Console.WriteLine(
            $"| {what} | {layouts:N0} | {wall:0.00} | {cpu:0.00} | {layouts / cpu:N0} | {(allocated is { } bytes ? $"{(double)bytes / layouts:0.0}" : "")} |");
    }

    /// <summary>Wall-clock and processor time since it was started.</summary>
    private sealed class CpuWatch
    {
        private readonly Stopwatch _wall = Stopwatch.StartNew();
        private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;

        public static CpuWatch StartNew() => new();

        public (double Wall, double Cpu) Elapsed => (_wall.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - _cpu).TotalSeconds);
    }
}
