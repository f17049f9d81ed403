using System.Diagnostics;
using System.Text.Json;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;

namespace Altiplano.Bench;

/// <summary>Training steps of the real model and optimizer on random tokens: tokens a second, and their share of the peak.</summary>
internal static class StepBenchmark
{
    private const int WarmUpSteps = 4;
    private const int PeakSize = 2048;

    public static void Run(StepOptions options)
    {
        var libtorch = Libtorch.Load();
        var profile = options.HasProfile ? new OperatorProfile() : null;
        var engine = new Engine(Device.Cpu, profile);
        var architecture = ArchitectureOf(options.Model);
        var peak = GemmPeak(engine);
        using var parameters = new ParameterStore(engine, architecture, ScalarType.Float32, withGradients: true);
        ParameterInitialization.Initialize(parameters, seed: 1);
        using var model = new LlamaModel(parameters, new ModelOptions(options.SeqLen));
        using var optimizer = new AdamW(parameters, new OptimizerConfig());
        var batch = RandomBatch(options, architecture.VocabSize);
        for (var i = 0; i < WarmUpSteps; i++)
            TrainingStep.Run(model, optimizer, [batch], 1e-4);

        profile?.Clear();
        var faults = MinorFaults();
        var times = new List<double>();
        StepOutcome outcome = default;
        for (var begin = Stopwatch.GetTimestamp(); times.Count < 5 || Stopwatch.GetElapsedTime(begin).TotalSeconds < options.Seconds;)
        {
            var start = Stopwatch.GetTimestamp();
            outcome = TrainingStep.Run(model, optimizer, [batch], 1e-4);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        faults = (MinorFaults() - faults) / times.Count;
        profile?.Stop();
        peak = Math.Max(peak, GemmPeak(engine));
        times.Sort();
        var flops = new ModelFlops(architecture).Step(batch.Tokens.Length, batch.SquaredLengths);
        var median = times[times.Count / 2];
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            program = "altiplano",
            threads = libtorch.Threads,
            parameters = architecture.NumParameters,
            steps = times.Count,
            tokens_per_second = Math.Round(batch.Tokens.Length / median),
            best_tokens_per_second = Math.Round(batch.Tokens.Length / times[0]),
            model_gflops = Math.Round(flops / median / 1e9, 1),
            peak_gflops = Math.Round(peak / 1e9, 1),
            mfu = Math.Round(flops / median / peak, 3),
            best_mfu = Math.Round(flops / times[0] / peak, 3),
            page_faults_per_step = faults,
            rss_mib = Math.Round(ProcessMemory.Current().Value / 1048576.0),
            loss = outcome.Loss,
        }));
        profile?.Print(times.Count);
    }

    private static LlamaArchitecture ArchitectureOf(string name)
    {
        var isSmall = name == "15m";
        return new LlamaArchitecture
        {
            VocabSize = 32_000,
            HiddenSize = isSmall ? 288 : 512,
            IntermediateSize = isSmall ? 768 : 2048,
            NumLayers = isSmall ? 6 : 8,
            NumAttentionHeads = isSmall ? 6 : 8,
            NumKeyValueHeads = isSmall ? 6 : 8,
            RopeTheta = 10_000,
            TieWordEmbeddings = true,
        };
    }

    private static HostBatch RandomBatch(StepOptions options, int vocabulary)
    {
        var random = new Random(1);
        var rows = options.Batch * options.SeqLen;
        var tokens = new long[rows];
        var targets = new long[rows];
        for (var i = 0; i < rows; i++)
            (tokens[i], targets[i]) = (random.Next(vocabulary), random.Next(vocabulary));
        return new HostBatch(tokens, targets, [.. Enumerable.Range(0, options.Batch).SelectMany(i => Documents(options, i, random))]);
    }

    private static List<Segment> Documents(StepOptions options, int sequence, Random random)
    {
        var segments = new List<Segment>();
        for (var position = 0; position < options.SeqLen;)
        {
            var length = options.Documents is { } range ? random.Next(range.Shortest, range.Longest + 1) : options.SeqLen;
            length = Math.Min(length, options.SeqLen - position);
            segments.Add(new Segment(sequence * options.SeqLen + position, length));
            position += length;
        }

        return segments;
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
