using Altiplano.Cli.Launch;
using Altiplano.Planning;
using Altiplano.Planning.Mesh;

namespace Altiplano.Tests.Cli.Launch;

public sealed class JobSizeTests
{
    private static readonly MeshSpec Twelve = new() { DpShard = 6, Tp = 2 };

    [Theory]
    [InlineData(null, null, null, 12, 1, false)]
    [InlineData(3, null, null, 3, 4, false)]
    [InlineData(null, 6, null, 2, 6, false)]
    [InlineData(null, null, 4, 3, 4, true)]
    [InlineData(null, null, 16, 1, 12, true)]
    [InlineData(6, null, 4, 6, 2, true)]
    public void Over_Options_SpreadTheWorld(int? nodes, int? ranks, int? gpus, int expectedNodes, int expectedRanks, bool hasGpus) =>
        new GivenSize(nodes, ranks, gpus, IsCpu: false).Over(Twelve, cluster: null)
            .ShouldBe(new JobSize(new MeshShape { DpShard = 6, Tp = 2 }, expectedNodes, expectedRanks, hasGpus));

    [Theory]
    [InlineData(5, null, null,
        "--nodes 5 x --ranks-per-node 2 makes 10 ranks, but the mesh is world 12 = pp 1 x dp_replicate 1 x dp_shard 6 x cp 1 x tp 2. " +
        "Use 1, 2, 3, 4, 6, 12 ranks a node, or another mesh.")]
    [InlineData(null, null, 8,
        "--nodes 1 x --ranks-per-node 8 makes 8 ranks, but the mesh is world 12 = pp 1 x dp_replicate 1 x dp_shard 6 x cp 1 x tp 2. " +
        "Use 1, 2, 3, 4, 6 ranks a node, or another mesh.")]
    [InlineData(null, 12, 8, "--ranks-per-node is 12, but each rank needs a GPU of its own and a node has 8. Use 8 or fewer.")]
    public void Over_NumbersThatDoNotFit_AreTold(int? nodes, int? ranks, int? gpus, string problem) =>
        Should.Throw<ConfigException>(() => new GivenSize(nodes, ranks, gpus, IsCpu: false).Over(Twelve, cluster: null))
            .Problems.ShouldBe([problem]);

    [Fact]
    public void Over_OpenDegree_IsTold() =>
        Should.Throw<ConfigException>(() => new GivenSize(null, null, null, false).Over(new MeshSpec { DpShard = default }, null)).Problems.ShouldBe(
        [
            "mesh.dp_shard is auto, but the number of nodes follows from the mesh. Use 'altiplano plan RUN.yaml --write FILE', which fixes it, " +
            "or --set mesh.dp_shard=NUMBER.",
        ]);

    [Fact]
    public void Over_CpuWithGpus_IsTold() => Should.Throw<ConfigException>(() => new GivenSize(null, null, 8, IsCpu: true).Over(Twelve, null))
        .Problems.ShouldBe(["--gpus-per-node is 8, but --cpu asks for a run without GPUs. Leave one of them out."]);

    [Theory]
    [InlineData("/data/out/First Run", "first-run")]
    [InlineData("/data/out/8b/", "run-8b")]
    [InlineData("/data/___", "run")]
    public void JobName_RunFolder_IsOneForSchedulers(string folder, string name) => JobName.Of(folder).ShouldBe(name);
}
