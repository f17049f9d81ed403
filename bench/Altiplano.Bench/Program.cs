using System.Globalization;
using Altiplano.Bench;
using BenchmarkDotNet.Running;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["step", .. var options]:
        return StepBenchmark.Run(StepOptions.Parse(options));
    case ["products"]:
        ProductBenchmark.Run();
        return 0;
    case ["collectives", .. var pairs]:
        return CollectiveBenchmark.Run(pairs);
    case ["plan-speed"]:
        PlanSpeed.Run();
        return 0;
    case ["text", var path, var copies]:
        BenchmarkText.Write(path, int.Parse(copies));
        return 0;
    case ["simulate", .. var threads]:
        SimulationBenchmark.Run(threads is [var count] ? int.Parse(count) : 2);
        return 0;
    case ["kernels", .. var options]:
        BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(options);
        return 0;
    default:
        Console.Error.WriteLine(
            "usage: step [--model 1m|15m|50m] [--seq T] [--batch B] [--micro B] [--docs A-B] [--seconds S] [--profile] " +
            "[--dp_replicate|--dp_shard|--cp|--tp|--pp N] [--zero 0-3] [--zero-bubble] [--ring] [--whole-rows] | " +
            "products | simulate [THREADS] | collectives MB ITERATIONS ... | text PATH COPIES | kernels [BenchmarkDotNet's options]");
        return 2;
}
