using System.Diagnostics;
using System.Text.Json;
using Altiplano.Distributed;
using Altiplano.Distributed.Mpi;
using Altiplano.Distributed.Recording;
using Altiplano.Planning.Costs;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Bench;

/// <summary>Training steps of the real model and optimizer on random tokens: tokens a second, and their share of the peak.</summary>
/// <remarks>On a mesh of several ranks mpirun starts it; each rank has one thread, and rank 0 prints.</remarks>
internal sealed class StepBenchmark(StepOptions options, ICommunicator? world)
{
    private const int WarmUpSteps = 4;
    private const int MinSteps = 5;
    private const int PeakSize = 2048;

    private readonly OperatorProfile? _operators = options.HasProfile ? new OperatorProfile() : null;
    private readonly CollectiveProfile? _collectives = options.HasProfile && world is not null ? new CollectiveProfile() : null;

    private bool IsPrinter => world is null or { Rank: 0 };

    /// <returns>The exit code.</returns>
    public static int Run(StepOptions options)
    {
        if (options.Mesh.World > 1)
            return MpiWorld.Run(world => new StepBenchmark(options, world).Run(), Report);
        return new StepBenchmark(options, null).Run();
    }

    private static int Report(Exception exception)
    {
        Console.Error.WriteLine(exception);
        return 1;
    }

    private int Run()
    {
        var libtorch = Libtorch.Load(world is null ? null : 1);
        using var mesh = NewMesh();
        var engine = new Engine(Device.Cpu, _operators);
        var architecture = StepModel.ArchitectureOf(options.Model);
        var peak = GemmPeak(engine);
        using var parameters = new ParameterStore(
            engine, architecture, ScalarType.Float32, withGradients: true,
            new Sharding(mesh, options.Zero, options.Schedule, CpMethod: options.CpMethod, HasSequenceParallel: options.HasSequenceParallel));
        ParameterInitialization.Initialize(parameters, seed: 1);
        using var model = new LlamaModel(parameters, new ModelOptions(options.SeqLen));
        using var optimizer = new AdamW(parameters, new OptimizerConfig());
        var microbatches = StepModel.Microbatches(options, architecture.VocabSize, mesh);
        for (var i = 0; i < WarmUpSteps; i++)
            TrainingStep.Run(model, optimizer, microbatches, 1e-4);

        _operators?.Clear();
        _collectives?.Clear();
        var faults = MinorFaults();
        var times = new List<double>();
        StepOutcome outcome = default;
        for (var begin = Stopwatch.GetTimestamp(); GoesOn(times.Count, begin);)
        {
            var start = Stopwatch.GetTimestamp();
            outcome = TrainingStep.Run(model, optimizer, microbatches, 1e-4);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        faults = (MinorFaults() - faults) / times.Count;
        _operators?.Stop();
        peak = Math.Max(peak, GemmPeak(engine)) * options.Mesh.World;
        times.Sort();
        if (!IsPrinter)
            return 0;
        var whole = StepModel.Microbatches(options, architecture.VocabSize, DeviceMesh.Single);
        var tokens = whole.Sum(batch => (double)batch.Tokens.Length);
        var flops = whole.Sum(batch => new ModelFlops(architecture).Step(batch.Tokens.Length, batch.PairsIn(architecture)));
        var median = times[times.Count / 2];
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            program = "altiplano",
            ranks = options.Mesh.World,
            threads = libtorch.Threads,
            parameters = architecture.NumParameters,
            steps = times.Count,
            tokens_per_second = Math.Round(tokens / median),
            best_tokens_per_second = Math.Round(tokens / times[0]),
            model_gflops = Math.Round(flops / median / 1e9, 1),
            peak_gflops = Math.Round(peak / 1e9, 1),
            mfu = Math.Round(flops / median / peak, 3),
            best_mfu = Math.Round(flops / times[0] / peak, 3),
            page_faults_per_step = faults,
            rss_mib = Math.Round(ProcessMemory.Current().Value / 1048576.0),
            loss = outcome.Loss,
        }));
        _operators?.Print(times.Count);
        _collectives?.Print(times.Count);
        return 0;
    }

    private DeviceMesh NewMesh()
    {
        if (world is null)
            return DeviceMesh.Single;
        return new DeviceMesh(options.Mesh, _collectives is null ? world : new RecordingCommunicator(world, _collectives));
    }

    /// <summary>Every rank must do as many steps: the slowest clock decides.</summary>
    private unsafe bool GoesOn(int steps, long begin)
    {
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        world?.Run(Collective.AllReduce(new NativeBuffer((nint)(&seconds), 1, ElementType.Float64), ReduceOp.Max));
        return steps < MinSteps || seconds < options.Seconds;
    }

    /// <summary>Best of some products of 2048 × 2048 matrices, in FLOP/s.</summary>
    private static double GemmPeak(Engine engine)
    {
        using var a = engine.Zeros(ScalarType.Float32, PeakSize, PeakSize);
        using var b = engine.Zeros(ScalarType.Float32, PeakSize, PeakSize);
        using var c = engine.Zeros(ScalarType.Float32, PeakSize, PeakSize);
        var best = double.MaxValue;
        for (var i = 0; i < 6; i++)
        {
            var start = Stopwatch.GetTimestamp();
            engine.MatMul(c, a, b);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * PeakSize * PeakSize * PeakSize / best;
    }

    /// <summary>Page faults of this process that needed no disk, since its start.</summary>
    private static long MinorFaults()
    {
        var fields = File.ReadAllText("/proc/self/stat").Split(") ")[1].Split(' ');
        return long.Parse(fields[7]);
    }
}
