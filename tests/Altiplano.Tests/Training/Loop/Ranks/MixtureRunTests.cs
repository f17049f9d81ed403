using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;
using Altiplano.Training.Loop;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Loop.Ranks;

/// <summary>A run of a mixture of experts on many meshes, ep among their axes, and its checkpoints from one to another.</summary>
public sealed class MixtureRunTests : IDisposable
{
    private const double Fp64 = 1e-11;

    private static readonly MeshLayout Serial = new();
    private static readonly MeshLayout AllOfIt = new(DpShard: 2, Tp: 2, Ep: 2, Zero: 3);

    private readonly TempFolder _folder = new();
    private readonly MeshRun _run;

    public MixtureRunTests() => _run = New(Precision.Fp64);

    public static TheoryData<MeshLayout> Layouts => new(
        new MeshLayout(DpShard: 2, Ep: 2), new MeshLayout(DpShard: 4, Ep: 2, Zero: 1), new MeshLayout(DpShard: 4, Ep: 2, Zero: 2), AllOfIt,
        new MeshLayout(Tp: 4), new MeshLayout(Tp: 2, DpShard: 2, SequenceParallel: false, Ep: 2), new MeshLayout(Cp: 2, Ep: 2),
        new MeshLayout(Pp: 2, DpReplicate: 2, DpShard: 2, Ep: 2, Zero: 1),
        new MeshLayout(Pp: 3, Cp: 2, Ep: 2, Zero: 3, Schedule: PipelineScheduleKind.ZeroBubble));

    /// <summary>A run that begins on one mesh and goes on on another.</summary>
    public static TheoryData<MeshLayout, MeshLayout> Moves => new()
    {
        { new(DpShard: 2, Ep: 2), new() }, { new(), new(DpShard: 4, Ep: 4, Zero: 1) }, { AllOfIt, new(Pp: 2, Cp: 2, Ep: 2, Zero: 1) },
        { new(DpShard: 4, Ep: 2, Zero: 3), new(Tp: 4) }, { new(Tp: 4), AllOfIt },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Train_AnyMesh_GivesTheFiguresOfOneProcess(MeshLayout layout) =>
        _run.ShouldTrainLikeOneProcess(layout, Fp64);

    [Theory]
    [MemberData(nameof(Moves))]
    public void Train_ResumedOnAnotherMesh_GivesTheFiguresOfARunInOneGo(MeshLayout from, MeshLayout to) =>
        _run.ShouldMove(from, to, Fp64);

    [Theory]
    [InlineData(Precision.Fp64)]
    [InlineData(Precision.Bf16)]
    public void Train_ResumedOnTheSameMesh_GivesTheSameBits(Precision precision) =>
        New(precision).ShouldResumeToTheSameBits(AllOfIt);

    /// <summary>Experts lie with ep and both halves of a cut gate_up_proj with tp: put together they are one process's.</summary>
    [Fact]
    public void Open_ShardedCheckpoint_HoldsTheWeightsOfOneProcess()
    {
        _run.Train("serial", Serial);
        _run.Train("mesh", AllOfIt);

        using var whole = ModelReader.Open(_run.Folder("serial").Root);
        using var sharded = ModelReader.Open(_run.Folder("mesh").Root);

        sharded.Architecture.ShouldBe(TrialSpec.MixtureOfExperts);
        foreach (var weight in whole.Weights.Weights)
        {
            var (a, b) = (new double[weight.NumElements], new double[weight.NumElements]);
            whole.Weights.Read(weight.Name, a);
            sharded.Weights.Read(weight.Name, b);
            a.Zip(b, (x, y) => Math.Abs(x - y)).Max().ShouldBeLessThan(1e-9, weight.Name);
        }
    }

    [Fact]
    public void StepPlan_MoreRanksOfEp_HoldFewerExperts()
    {
        long StateOf(MeshLayout layout) => StepPlan.Of(_run.Config("plan", layout)).StateBytes;
        var experts = 2L * 4 * 3 * 36 * 20;

        // Weight, gradient and two moments of 8 bytes.
        (StateOf(new MeshLayout(DpShard: 2)) - StateOf(new MeshLayout(DpShard: 2, Ep: 2))).ShouldBe(experts / 2 * 32);
    }

    [Fact]
    public void RankStart_OfAMixture_NamesItsGroupOfExpertsAndBothHalvesOfGateAndUp()
    {
        var start = RankStart.Of(_run.Config("start", new MeshLayout(DpShard: 2, Cp: 2, Tp: 2, Ep: 2)), 3);

        start.Mesh.ShouldBe("world 8 = pp 1 x dp_replicate 1 x dp_shard 2 x cp 2 x tp 2, ep 2 of dp_shard x cp");
        start.Groups.ShouldContain(new RankAxis("ep", 1, 2, 1, 2));
        var shard = start.Shards.Single(shard => shard.Parameter == "model.layers.1.feed_forward.experts.gate_up_proj");
        shard.Box.ShouldBe([[2, 4], [0, 36], [0, 2], [10, 20]]);
        shard.Dims.ShouldBe([4, 36, 2, 20]);
    }

    [Fact]
    public void FindProblemsOn_MeshThatCutsNeitherWidthsNorExperts_ListsAllProblems()
    {
        var narrow = TrialSpec.MixtureOfExperts;
        narrow = narrow with { Mixture = narrow.Mixture! with { ExpertIntermediateSize = 21 } };
        var run = new MeshRun(_folder) { Architecture = narrow };

        run.Config("none", new MeshLayout(DpShard: 3, Tp: 2, Ep: 3)).FindProblemsOn(6, "altiplano train r.yaml").ShouldBe(
        [
            "mesh.tp is 2, but the feed-forward widths 48, 21, 28 must divide by it. Use 1.",
            "mesh.ep is 3, but it must divide the 4 experts and dp_shard x cp = 3 x 1 = 3, out of which it is carved. Use 1.",
            "batch.global_batch_tokens is 8 sequences of 16 tokens, but they must divide by " +
                "dp_replicate x dp_shard x micro_batch_size = 1 x 3 x 2 = 6. Use 6 or 12 sequences.",
        ]);
    }

    public void Dispose() => _folder.Dispose();

    private MeshRun New(Precision precision) => new(_folder) { Architecture = TrialSpec.MixtureOfExperts, Precision = precision };
}
