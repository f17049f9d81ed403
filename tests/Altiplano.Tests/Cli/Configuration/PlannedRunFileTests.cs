using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Cli.Configuration;

/// <summary>Run files of what is planned for machines that are not here.</summary>
public sealed class PlannedRunFileTests : IDisposable
{
    private const string Large = """
        model: llama3.1-405b
        cluster: meta-24k-h100-roce
        mesh:  { pp: auto, dp_replicate: 1, dp_shard: auto, cp: 1, tp: 8, ep: 1 }
        parallel: { zero: 1, pp_schedule: interleaved_1f1b, virtual_stages: auto, cp_method: all_gather, sequence_parallel: true, recompute: auto }
        batch: { global_batch_tokens: [15M, 17M], micro_batch_size: auto, seq_len: 8192 }
        phases:
          - { until_tokens: 252M, global_batch_tokens: 4194304, seq_len: 4096 }
          - { until_tokens: 2.87T, global_batch_tokens: 8388608, seq_len: 8192 }
        run:   { tokens: 15.6T, precision: fp8, checkpoint_every: auto }
        """;

    private readonly TempFolder _folder = new();
    private readonly RunFile _runFile = new(PresetFolder.Shipped());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadPlanned_EveryKey_IsRead()
    {
        var config = Read(Large);

        var spec = config.Spec;
        spec.Cluster!.NumGpus.ShouldBe(24_576);
        spec.Mesh.Pp.IsAuto.ShouldBeTrue();
        spec.Mesh.Tp.ShouldBe(8);
        spec.Parallel.ShouldBe(new ParallelSpec
        {
            Zero = 1, PpSchedule = PipelineScheduleKind.InterleavedOneForwardOneBackward, CpMethod = ContextParallelMethod.AllGather,
            SequenceParallel = true,
        });
        spec.Batch.GlobalBatchTokens.ShouldBe(new TokenCount(15_000_000));
        spec.Batch.MaxGlobalBatchTokens.ShouldBe(new TokenCount(17_000_000));
        spec.Phases.ShouldBe(
        [
            new PhaseSpec(new TokenCount(252_000_000), new TokenCount(4_194_304), 4096),
            new PhaseSpec(new TokenCount(2_870_000_000_000), new TokenCount(8_388_608), 8192),
        ]);
        spec.Precision.ShouldBe(Precision.Fp8);
        config.Run.CheckpointEvery.IsAuto.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("model=llama4-maverick")]
    [InlineData("model=deepseek-v3")]
    [InlineData("model=gpt3-175b")]
    [InlineData("model=llama4-behemoth")]
    [InlineData("model={preset: llama3-8b, window: {tokens: 1024, full_every: 2}}")]
    [InlineData("cluster={preset: h100-100k, facility: {pue: 1.3}, server: {preset: grand-teton-h100, gpu: h100-sxm-500w}}")]
    [InlineData("cluster={preset: h100-350k-fleet, name: fleet}")]
    [InlineData("phases=[]")]
    [InlineData("parallel.zero=auto")]
    [InlineData("data={train: x}")]
    [InlineData("run={tokens: 20T, out: o}")]
    public void ReadPlanned_OfWrite_IsIdentity(string assignment)
    {
        var written = _runFile.Write(Read(Large, assignment.Length == 0 ? [] : [assignment]));

        using var elsewhere = new TempFolder();
        _runFile.Write(_runFile.ReadPlanned(elsewhere.Write("config.yaml", written), [])).ShouldBe(written);
    }

    [Fact]
    public void Write_ClusterThatIsAPreset_GoesByItsName() => _runFile.Write(Read(Large)).ShouldContain("\ncluster: meta-24k-h100-roce\n");

    [Fact]
    public void Write_ChangedCluster_KeepsItsServersName()
    {
        var written = _runFile.Write(Read(Large, "cluster={preset: h100-100k, facility: {pue: 1.3}}"));

        written.ShouldContain("  pue: 1.3\n");
        written.ShouldContain("  server: grand-teton-h100\n");
    }

    [Fact]
    public void ReadPlanned_OfWriteOfAMixture_KeepsItsShape()
    {
        var shape = Read(Large, "model=llama4-behemoth").Spec.Model.Shape;

        var again = Read(_runFile.Write(Read(Large, "model=llama4-behemoth"))).Spec.Model.Shape;

        (again with { Evidence = shape.Evidence }).ShouldBe(shape);
        again.Evidence.ShouldBe(shape.Evidence, ignoreOrder: true);
    }

    [Fact]
    public void ReadPlanned_ModelAndBatchAlone_IsEnough()
    {
        var config = Read("model: llama4-scout\nbatch: {global_batch_tokens: 16Mi, seq_len: 8192}\n");

        config.Spec.Model.Shape.Mixture!.NumExperts.ShouldBe(16);
        config.Spec.Cluster.ShouldBeNull();
        config.Run.HasLength.ShouldBeFalse();
    }

    [Fact]
    public void ReadPlanned_ClusterFileBesideTheRunFile_IsFound()
    {
        _folder.Write("mine.yaml", "preset: h100-1024\nnum_gpus: 512\n");

        Read(Large, "cluster=null").Spec.Cluster.ShouldBeNull();
        Read(Large.Replace("meta-24k-h100-roce", "mine.yaml")).Spec.Cluster!.NumGpus.ShouldBe(512);
    }

    [Theory]
    [InlineData("batch.seq_len=200000", "batch.seq_len is 200000, but the model's max_position_embeddings is 131072. Use 131072 or fewer, or raise model.max_position_embeddings.")]
    [InlineData("phases=[{until_tokens: 1T, global_batch_tokens: 1000, seq_len: 512}]", "phases[0].global_batch_tokens is 1000, but a step is made of whole sequences: micro_batch_size 1 x seq_len 512 = 512 tokens. Use 512 or 1024.")]
    [InlineData("phases=[{until_tokens: 1T, global_batch_tokens: 400000, seq_len: 200000}]", "phases[0].seq_len is 200000, but the model's max_position_embeddings is 131072. Use 131072 or fewer, or raise model.max_position_embeddings.")]
    [InlineData("phases=[{until_tokens: 2T, global_batch_tokens: 512, seq_len: 512}, {until_tokens: 1T, global_batch_tokens: 512, seq_len: 512}]", "phases[1].until_tokens is 1T, but phases follow one another, and the one before ends at 2T. Use more, or change the order.")]
    [InlineData("phases=[{until_tokens: 16T, global_batch_tokens: 512, seq_len: 512}]", "phases[0].until_tokens is 16T, but the run ends at run.tokens, which is 15.6T. Use 15.6T or less, or raise run.tokens.")]
    [InlineData("run={steps: 3, tokens: 1T}", "run.tokens is 1T and run.steps is 3, but only one can give the length of the run. Remove one.")]
    [InlineData("data={val: x}", "data.train is missing. It is required.")]
    public void ReadPlanned_Contradiction_IsNamed(string assignment, string problem) =>
        Should.Throw<ConfigException>(() => Read(Large, assignment)).Problems.ShouldContain($"--set {assignment}: {problem}");

    [Fact]
    public void Read_PlanOfALargeRun_RefusesAllThatCannotBeTrained() =>
        Should.Throw<ConfigException>(() => _runFile.Read(_folder.Write("run.yaml", Large + "\ndata: {train: x}\n"), ["run.out=o"])).Problems
            .Select(problem => problem[(problem.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(' ')[0])
            .ShouldBe(
            [
                "batch.global_batch_tokens", "phases", "run.precision",
            ], ignoreOrder: true);

    private RunConfig Read(string yaml, params string[] overrides) => _runFile.ReadPlanned(_folder.Write("run.yaml", yaml), overrides);
}
