using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Training.Loop.Ranks;

/// <summary>One run on many meshes: the same losses, and checkpoints that each mesh reads of each other.</summary>
public sealed class MeshRunTests : IDisposable
{
    private const double Fp64 = 1e-11;

    private static readonly MeshLayout Serial = new();

    private readonly TempFolder _folder = new();
    private readonly MeshRun _run;

    public MeshRunTests() => _run = new MeshRun(_folder);

    public static TheoryData<MeshLayout> Layouts => new(
        new MeshLayout(DpReplicate: 2), new MeshLayout(DpShard: 2), new MeshLayout(DpShard: 2, Zero: 1), new MeshLayout(DpShard: 2, Zero: 2),
        new MeshLayout(DpShard: 4, Zero: 3), new MeshLayout(Tp: 2), new MeshLayout(Pp: 2), new MeshLayout(Cp: 2),
        new MeshLayout(Pp: 2, Schedule: PipelineScheduleKind.ZeroBubble),
        new MeshLayout(Pp: 2, Schedule: PipelineScheduleKind.InterleavedOneForwardOneBackward, VirtualStages: 2),
        new MeshLayout(Pp: 3, Tp: 2), new MeshLayout(DpReplicate: 2, DpShard: 2, Zero: 2), new MeshLayout(Cp: 2, DpShard: 2, Zero: 3),
        new MeshLayout(Pp: 2, DpShard: 2, Tp: 2, Zero: 3), new MeshLayout(Cp: 2, CpMethod: ContextParallelMethod.Ring),
        new MeshLayout(Pp: 2, Tp: 2, SequenceParallel: false));

    /// <summary>A run that begins on one mesh and goes on on another.</summary>
    public static TheoryData<MeshLayout, MeshLayout> Moves => new()
    {
        { new(), new(Tp: 2) }, { new(Tp: 2), new() }, { new(DpShard: 2, Zero: 3), new(Pp: 2) }, { new(Pp: 2, Tp: 2), new(DpShard: 4, Zero: 1) },
        { new(Cp: 2, DpShard: 2, Zero: 3), new(DpReplicate: 2, Tp: 2) },
        { new(Pp: 2, Schedule: PipelineScheduleKind.InterleavedOneForwardOneBackward, VirtualStages: 2), new(DpShard: 2, Zero: 2) },
        { new(DpShard: 2, Tp: 2, Zero: 3), new(Pp: 3, Tp: 2) },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Train_AnyMesh_GivesTheFiguresOfOneProcess(MeshLayout layout) =>
        _run.ShouldTrainLikeOneProcess(layout, Fp64);

    [Fact]
    public void Train_Fp32_StaysWithinRounding()
    {
        var run = new MeshRun(_folder) { Precision = Precision.Fp32 };
        run.Train("serial", Serial);

        run.Train("mesh", new MeshLayout(Pp: 2, DpShard: 2, Tp: 2, Zero: 1));

        _run.ShouldAgree("mesh", "serial", 1e-5);
        LossesOf("mesh").Zip(LossesOf("serial"), (a, b) => Math.Abs(a - b) / b).Max().ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void Train_SameMeshTwice_GivesTheSameBits()
    {
        var layout = new MeshLayout(DpShard: 2, Tp: 2, Zero: 3);
        _run.Train("first", layout);

        _run.Train("second", layout);

        MeshRun.Figures(_run.Folder("second")).ShouldBe(MeshRun.Figures(_run.Folder("first")));
        _run.ShouldHaveTheSameFiles("second", "first");
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public void Train_ResumedOnAnotherMesh_GivesTheFiguresOfARunInOneGo(MeshLayout from, MeshLayout to) =>
        _run.ShouldMove(from, to, Fp64);

    [Theory]
    [InlineData(Precision.Fp64)]
    [InlineData(Precision.Bf16)]
    public void Train_ResumedOnTheSameMesh_GivesTheSameBits(Precision precision) =>
        new MeshRun(_folder) { Precision = precision }.ShouldResumeToTheSameBits(new MeshLayout(Pp: 2, DpShard: 2, Tp: 2, Zero: 3));

    [Fact]
    public void Train_ManyRanks_WritesEachElementOnceAndTheFirstRankSpeaks()
    {
        var layout = new MeshLayout(Pp: 2, DpReplicate: 2, Tp: 2);
        _run.Train("mesh", layout);

        var folder = _run.Folder("mesh");
        using var checkpoint = Checkpoint.Open(folder.Checkpoint(MeshRun.Steps));
        checkpoint.Manifest.Ranks.ShouldBe(8);
        checkpoint.Manifest.Tensors.ShouldAllBe(tensor => tensor.Slices.Sum(slice => slice.Range[1] - slice.Range[0]) == tensor.Shape.Aggregate(1L, (a, b) => a * b));
        checkpoint.Manifest.Tensors.Single(tensor => tensor.Name == "model.norm.weight").Slices.ShouldHaveSingleItem().File.ShouldBe("model-rank00004.safetensors");
        Directory.GetFiles(checkpoint.Path).Select(Path.GetFileName).Order().ShouldBe(
        [
            "manifest.json", "model-rank00000.safetensors", "model-rank00001.safetensors", "model-rank00004.safetensors", "model-rank00005.safetensors",
            "optimizer-rank00000.safetensors", "optimizer-rank00001.safetensors", "optimizer-rank00004.safetensors", "optimizer-rank00005.safetensors",
        ]);
        File.ReadLines(folder.Metrics).Count().ShouldBe(MeshRun.Steps);
        Directory.GetFiles(folder.Ranks, "rank-*.json").Length.ShouldBe(8);
        File.ReadAllText(Path.Combine(folder.Ranks, "rank-00005.json")).ShouldBe(RankStart.Of(_run.Config("mesh", layout), 5).ToJson() + "\n");
    }

    /// <summary>What a checkpoint of many ranks says of the weights is what one process would say.</summary>
    [Fact]
    public void Open_ShardedCheckpoint_HoldsTheWeightsOfOneProcess()
    {
        _run.Train("serial", Serial);
        _run.Train("mesh", new MeshLayout(Pp: 2, DpShard: 2, Tp: 2, Zero: 3));

        using var whole = ModelReader.Open(_run.Folder("serial").Root);
        using var sharded = ModelReader.Open(_run.Folder("mesh").Root);

        sharded.Weights.Weights.Select(weight => weight.Name).Order().ShouldBe(whole.Weights.Weights.Select(weight => weight.Name).Order());
        foreach (var weight in whole.Weights.Weights)
        {
            var (a, b) = (new double[weight.NumElements], new double[weight.NumElements]);
            whole.Weights.Read(weight.Name, a);
            sharded.Weights.Read(weight.Name, b);
            a.Zip(b, (x, y) => Math.Abs(x - y)).Max().ShouldBeLessThan(1e-9, weight.Name);
        }
    }

    /// <summary>Only one rank of those that share the reading sees the damage.</summary>
    [Fact]
    public void Train_DamagedFileOfOneRank_AllFallBackToTheCheckpointBefore()
    {
        var layout = new MeshLayout(DpShard: 2, Tp: 2, Zero: 3);
        _run.Train("straight", layout);
        _run.Train("damaged", layout);
        var newest = _run.Folder("damaged").Checkpoint(MeshRun.Steps);
        using (var file = File.Open(Path.Combine(newest, "optimizer-rank00003.safetensors"), FileMode.Open, FileAccess.ReadWrite))
        {
            file.Seek(-8, SeekOrigin.End);
            file.WriteByte(0x55);
        }

        CheckpointStore.Verify(newest).ShouldHaveSingleItem().ShouldContain("optimizer-rank00003.safetensors has checksum ");
        _run.Train("damaged", layout).ShouldBe(RunOutcome.Finished);

        Directory.Exists(newest + ".damaged").ShouldBeTrue();
        _run.ShouldHaveTheSameFiles("damaged", "straight");
        File.ReadAllText(_run.Folder("damaged").Events).ShouldContain("another rank found it damaged");
    }

    [Fact]
    public void Train_RankThatThrows_EndsAllAndNotesWhy()
    {
        var config = _run.Config("thrown", new MeshLayout(DpShard: 2));
        config = config with { Run = config.Run with { Threads = default } };

        Should.Throw<TimeoutException>(() => MeshRun.RunRanks(2, world => MeshRun.TrainRank(
            config, world, step => world.Rank == 1 && step == 3 ? throw new TimeoutException("device lost") : null)));

        var last = File.ReadLines(_run.Folder("thrown").Events).Last();
        last.ShouldContain("\"event\":\"aborted\",\"step\":2,");
        last.ShouldContain("device lost");
    }

    [Theory]
    [InlineData(3, "but 3 were started. Start 4, or use degrees whose product is 3; mesh.dp_shard: auto takes what the others leave.")]
    [InlineData(1, "but one process was started. Use mpirun --bind-to none -n 4 altiplano train r.yaml, or add --in-process for 4 threads of one process.")]
    public void FindProblemsOn_OtherNumberOfRanks_GivesDegreesProductAndRemedy(int ranks, string rest) =>
        _run.Config("none", new MeshLayout(Pp: 2, Tp: 2)).FindProblemsOn(ranks, "altiplano train r.yaml")
            .ShouldBe([$"mesh is pp 2 x dp_replicate 1 x dp_shard 1 x cp 1 x tp 2 = 4 ranks, {rest}"]);

    public void Dispose() => _folder.Dispose();

    private IEnumerable<double> LossesOf(string name) => MeshRun.Figures(_run.Folder(name)).Select(step => step[1]);
}
