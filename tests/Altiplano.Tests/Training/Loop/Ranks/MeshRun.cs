using System.Text.Json;
using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Tests.Data.TokenFiles;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Display;
using Altiplano.Training.Loop.Ranks;
using Altiplano.Training.Optimization;

namespace Altiplano.Tests.Training.Loop.Ranks;

/// <summary>One mesh and how the model lies on it.</summary>
public sealed record MeshLayout(
    int Pp = 1, int DpReplicate = 1, int DpShard = 1, int Cp = 1, int Tp = 1, int Zero = 0,
    PipelineScheduleKind Schedule = PipelineScheduleKind.OneForwardOneBackward, int VirtualStages = 1,
    ContextParallelMethod CpMethod = ContextParallelMethod.AllGather, bool SequenceParallel = true,
    int Ep = 1)
{
    public MeshShape Mesh => new() { Pp = Pp, DpReplicate = DpReplicate, DpShard = DpShard, Cp = Cp, Tp = Tp, Ep = Ep };
}

/// <summary>A whole run of a tiny model, its ranks threads of this process: some milliseconds a step.</summary>
internal sealed class MeshRun
{
    public const int Steps = 6;

    /// <summary>67 words and 3 layers divide by no number of ranks.</summary>
    private static readonly LlamaArchitecture Tied = new()
    {
        VocabSize = 67, HiddenSize = 24, IntermediateSize = 32, NumLayers = 3, NumAttentionHeads = 4, NumKeyValueHeads = 2, HeadDim = 6,
        TieWordEmbeddings = true, MaxPositionEmbeddings = 16,
    };

    private readonly TempFolder _folder;

    public MeshRun(TempFolder folder)
    {
        Libtorch.Load();
        _folder = folder;
        var random = new Random(5);
        SampleTokenFiles.Write(
            folder["tokens"], Tied.VocabSize,
            [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, random.Next(5, 40)).Select(_ => random.Next(67)).ToArray())]);
    }

    public Precision Precision { get; init; } = Precision.Fp64;

    /// <summary>Of 67 words.</summary>
    public LlamaArchitecture Architecture { get; init; } = Tied;

    /// <summary>Of the named run.</summary>
    public RunFolder Folder(string name) => new(_folder[name]);

    public RunConfig Config(string name, MeshLayout layout) => new RunConfig
    {
        Spec = new RunSpec
        {
            Model = new ModelSpec { Name = "tiny", Architecture = Architecture },
            Mesh = MeshSpec.Of(layout.Mesh),
            Parallel = new ParallelSpec
            {
                Zero = layout.Zero, PpSchedule = layout.Schedule, VirtualStages = layout.VirtualStages, CpMethod = layout.CpMethod,
                SequenceParallel = layout.SequenceParallel,
            },
            Batch = new BatchSpec { GlobalBatchTokens = new TokenCount(8 * 16), SeqLen = 16, MicroBatchSize = 2 },
            Precision = Precision,
        },
        Data = new DataConfig { Train = [new DataSource(_folder["tokens"])], Val = [new ValidationSource("val", _folder["tokens"])], MaxValTokens = new TokenCount(16 * 7) },
        Optimizer = new OptimizerConfig { Lr = 1e-2, WarmupSteps = 2 },
        Run = new RunSection { Steps = Steps, ValidateEvery = 3, CheckpointEvery = 2, LogEvery = 1, Out = _folder[name] },
    }.Decided(1);

    /// <summary>Trains until the end, or until the last rank is told at the end of a step to stop.</summary>
    public RunOutcome Train(string name, MeshLayout layout, int stopAfter = int.MaxValue)
    {
        // The number of threads belongs to the process that runs the tests.
        var config = Config(name, layout);
        config = config with { Run = config.Run with { Threads = default } };
        config.FindProblemsOn(layout.Mesh.World, "altiplano train run.yaml").ShouldBeEmpty();
        var outcomes = new RunOutcome[layout.Mesh.World];
        RunRanks(layout.Mesh.World, world => outcomes[world.Rank] = TrainRank(
            config, world, step => world.Rank == world.Size - 1 && step >= stopAfter ? "SIGUSR1" : null));
        outcomes.ShouldAllBe(outcome => outcome == outcomes[0]);
        return outcomes[0];
    }

    /// <summary>A rank's part of the run.</summary>
    /// <param name="signal">What signal it has by a step, counted from 1, or null.</param>
    public static RunOutcome TrainRank(RunConfig config, RunWorld world, Func<int, string?> signal)
    {
        var step = 0;
        using var console = new ProgressConsole(TextWriter.Null, null);
        return new TrainingRun(config, "run", world, console, TimeProvider.System) { Peak = new FlopsPerSecond(1e12) }.Run(() => signal(++step));
    }

    /// <summary>One rank is a process alone, more are threads.</summary>
    public static void RunRanks(int ranks, Action<RunWorld> body)
    {
        if (ranks == 1)
            body(RunWorld.Alone);
        else
            InProcessWorld.Run(ranks, world => body(new RunWorld(world, ranks)), new CommunicatorOptions { Deadline = TimeSpan.FromMinutes(1) });
    }

    /// <summary>Loss, gradient norm and held-out loss of every step.</summary>
    public static double[][] Figures(RunFolder folder) => [.. File.ReadLines(folder.Metrics).Select(FiguresOf)];

    /// <summary>Asserts that two runs had the same losses and norms in every step.</summary>
    public void ShouldAgree(string actual, string expected, double tolerance)
    {
        var (found, wanted) = (Figures(Folder(actual)), Figures(Folder(expected)));
        found.Length.ShouldBe(Steps);
        for (var step = 0; step < Steps; step++)
            found[step].Zip(wanted[step], (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(tolerance, $"step {step + 1}");
    }

    /// <summary>Asserts that a layout gives the losses and norms of one process.</summary>
    public void ShouldTrainLikeOneProcess(MeshLayout layout, double tolerance)
    {
        Train("serial", new MeshLayout()).ShouldBe(RunOutcome.Finished);

        Train("mesh", layout).ShouldBe(RunOutcome.Finished);

        ShouldAgree("mesh", "serial", tolerance);
    }

    /// <summary>Asserts that a run that begins on one mesh and goes on on another is the run of one process in one go.</summary>
    public void ShouldMove(MeshLayout from, MeshLayout to, double tolerance)
    {
        Train("straight", new MeshLayout());

        Train("moved", from, stopAfter: 3).ShouldBe(RunOutcome.Interrupted);
        Train("moved", to).ShouldBe(RunOutcome.Finished);

        ShouldAgree("moved", "straight", tolerance);
        CheckpointStore.Verify(Folder("moved").Checkpoint(Steps)).ShouldBeEmpty();
    }

    /// <summary>Asserts that a run that is interrupted and resumed ends with the bits of one that is not.</summary>
    public void ShouldResumeToTheSameBits(MeshLayout layout)
    {
        Train("straight", layout);

        Train("resumed", layout, stopAfter: 3).ShouldBe(RunOutcome.Interrupted);
        Train("resumed", layout);

        Figures(Folder("resumed")).ShouldBe(Figures(Folder("straight")));
        ShouldHaveTheSameFiles("resumed", "straight");
    }

    /// <summary>Asserts that two runs ended with the same bits of weights and moments.</summary>
    public void ShouldHaveTheSameFiles(string actual, string expected)
    {
        var files = Directory.GetFiles(Folder(expected).Checkpoint(Steps), "*.safetensors");
        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            var other = Path.Combine(Folder(actual).Checkpoint(Steps), Path.GetFileName(file));
            File.ReadAllBytes(other).AsSpan().SequenceEqual(File.ReadAllBytes(file)).ShouldBeTrue(other);
        }
    }

    private static double[] FiguresOf(string line)
    {
        using var json = JsonDocument.Parse(line);
        string[] keys = ["step", "train/loss", "grad_norm", "val/loss"];
        return [.. keys.Select(key => json.RootElement.TryGetProperty(key, out var value) ? value.GetDouble() : 0)];
    }
}
