using System.Globalization;
using Altiplano.Bench;
using BenchmarkDotNet.Running;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["step", .. var options]:
        StepBenchmark.Run(StepOptions.Parse(options));
        return 0;
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
            "usage: step [--model 15m|50m] [--seq T] [--batch B] [--docs A-B] [--seconds S] [--profile] | " +
            "products | simulate [THREADS] | collectives MB ITERATIONS ... | text PATH COPIES | kernels [BenchmarkDotNet's options]");
        return 2;
}
