using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Planning;

public sealed class TrainerLimitsTests
{
    private static readonly ModelSpec Mixture = new() { Name = "mixture", Architecture = TrialSpec.MixtureOfExperts };

    [Fact]
    public void FindProblems_TextModelOfALlama4_FindsNone() => Find(Mixture, new MeshShape { DpShard = 2, Tp = 4, Ep = 2 }).ShouldBeEmpty();

    [Fact]
    public void FindProblems_MixtureOnMoreRanksThanItHasHeads_NamesDegreesThatCutItsWidthsToo()
    {
        var architecture = Mixture.Architecture;
        architecture = architecture with { Mixture = architecture.Mixture! with { ExpertIntermediateSize = 22 } };

        Find(Mixture with { Architecture = architecture }, new MeshShape { Tp = 8 }).ShouldBe(
            ["mesh.tp is 8, but the model has 4 key/value heads and each rank needs whole heads. Use 1 or 2."]);
    }

    [Fact]
    public void FindProblems_ModelOfImages_IsRefusedWithARemedy() =>
        Find(Mixture with { Shape = Mixture.Shape with { Vision = new VisionTower(1, 8, 16, 2, 4, 1, 0.1) } }, new MeshShape()).ShouldBe(
            ["model.vision is given, but training is of the text model alone. Set it to null, or use a model without."]);

    private static IReadOnlyList<string> Find(ModelSpec model, MeshShape mesh) => TrainerLimits.FindProblems(new RunSpec
    {
        Model = model, Mesh = MeshSpec.Of(mesh), Batch = new BatchSpec { GlobalBatchTokens = new TokenCount(128), SeqLen = 16 },
    });
}
