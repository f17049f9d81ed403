using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>Whole steps of the toy mixture on every kind of layout against one process, in fp64.</summary>
public sealed class MixtureTrialTests
{
    private static readonly TrialSpec Spec = new() { Architecture = TrialSpec.MixtureOfExperts };

    private static readonly Lazy<TrialResult> Serial = new(() => LayoutTrial.Run(Spec, TrialLayout.Serial));

    public MixtureTrialTests() => Libtorch.Load();

    /// <summary>pp, dp_replicate, dp_shard, cp, tp, ep; ZeRO's stage.</summary>
    public static TheoryData<int, int, int, int, int, int, int> Layouts => new()
    {
        { 1, 1, 2, 1, 1, 1, 3 },
        { 1, 1, 1, 1, 2, 1, 0 },
        { 1, 1, 1, 2, 2, 1, 1 },
        { 1, 1, 2, 1, 1, 2, 0 },
        { 1, 1, 2, 1, 1, 2, 3 },
        { 1, 1, 4, 1, 1, 2, 0 },
        { 1, 1, 4, 1, 1, 2, 1 },
        { 1, 1, 4, 1, 1, 2, 2 },
        { 1, 1, 4, 1, 1, 2, 3 },
        { 1, 1, 4, 1, 1, 4, 2 },
        { 1, 2, 2, 1, 1, 2, 0 },
        { 1, 2, 4, 1, 1, 2, 3 },
        { 1, 1, 2, 1, 2, 2, 1 },
        { 1, 1, 4, 1, 2, 4, 3 },
        { 1, 1, 2, 1, 4, 2, 0 },
        { 1, 1, 1, 2, 1, 2, 0 },
        { 1, 1, 1, 4, 1, 2, 3 },
        { 1, 1, 2, 2, 1, 4, 2 },
        { 1, 1, 2, 2, 2, 2, 3 },
        { 2, 1, 2, 1, 1, 2, 2 },
        { 3, 1, 2, 1, 1, 2, 3 },
        { 2, 1, 1, 2, 2, 2, 0 },
        { 2, 2, 2, 1, 1, 2, 1 },
        { 2, 1, 2, 2, 2, 2, 3 },
        { 2, 2, 2, 2, 2, 4, 3 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Run_Layout_IsTheSerialRun(int pp, int dpReplicate, int dpShard, int cp, int tp, int ep, int zero)
    {
        var mesh = new MeshShape { Pp = pp, DpReplicate = dpReplicate, DpShard = dpShard, Cp = cp, Tp = tp, Ep = ep };

        var difference = TrialDifference.Between(Serial.Value, LayoutTrial.Run(Spec, new TrialLayout(mesh, zero)));

        TrialTolerance.Of(Precision.Fp64).Allows(difference).ShouldBeTrue($"{difference}");
    }

    /// <summary>Each tp rank routes all rows, and what its parts of experts make of them is summed.</summary>
    [Theory]
    [InlineData(1, 1, 2, 1, 0)]
    [InlineData(2, 1, 2, 2, 3)]
    [InlineData(1, 2, 2, 2, 1)]
    public void Run_WholeRowsOnTp_IsTheSerialRun(int dpShard, int cp, int tp, int ep, int zero)
    {
        var layout = new TrialLayout(new MeshShape { DpShard = dpShard, Cp = cp, Tp = tp, Ep = ep }, zero)
        {
            HasSequenceParallel = false, CpMethod = ContextParallelMethod.Ring,
        };

        var difference = TrialDifference.Between(Serial.Value, LayoutTrial.Run(Spec, layout));

        TrialTolerance.Of(Precision.Fp64).Allows(difference).ShouldBeTrue($"{difference}");
    }

    [Theory]
    [InlineData(Recompute.Selective)]
    [InlineData(Recompute.Full)]
    public void Run_Recompute_IsTheSerialRun(Recompute recompute)
    {
        var layout = new TrialLayout(new MeshShape { Pp = 2, DpShard = 2, Cp = 2, Tp = 2, Ep = 2 }, 3, PipelineScheduleKind.ZeroBubble);

        var trial = LayoutTrial.Run(Spec with { Recompute = recompute }, layout);

        TrialDifference.Between(Serial.Value, trial).Gradient.ShouldBeLessThan(1e-10);
    }

    [Theory]
    [InlineData(Precision.Fp64)]
    [InlineData(Precision.Bf16)]
    public void Run_SameMeshTwice_GivesTheSameBits(Precision precision)
    {
        var spec = Spec with { Precision = precision, Steps = 2 };
        var layout = new TrialLayout(new MeshShape { DpShard = 2, Cp = 2, Tp = 2, Ep = 2 }, 2);

        var (first, second) = (LayoutTrial.Run(spec, layout), LayoutTrial.Run(spec, layout));

        second.Losses.ShouldBe(first.Losses);
        second.GradNorms.ShouldBe(first.GradNorms);
        foreach (var (name, values) in first.Weights)
            second.Weights[name].ShouldBe(values, name);
    }

    [Fact]
    public void Run_Serial_VisitsEveryExpert()
    {
        foreach (var layer in new[] { 1, 2 })
        {
            var name = $"model.layers.{layer}.feed_forward.experts.down_proj";
            var gradient = Serial.Value.Gradients[0][name];
            gradient.Chunk(gradient.Length / 4).ShouldAllBe(expert => expert.Any(value => value != 0), name);
        }
    }

    [Fact]
    public void Grid_OfAMixture_HasExpertsOnEveryLayout()
    {
        var layouts = TrialLayout.Grid(8, 4);

        layouts.ShouldAllBe(layout => layout.Mesh.Ep > 1);
        layouts.ShouldContain(layout => layout.ToString() == "dp_shard 2 x tp 2 x ep 2, zero 3");
        layouts.Count.ShouldBeInRange(50, 400);
    }
}
