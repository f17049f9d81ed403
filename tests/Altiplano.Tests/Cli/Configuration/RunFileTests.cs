using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using CsCheck;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class RunFileTests : IDisposable
{
    private const string Smallest = """
        model: tiny-15m
        data: {train: corpus}
        batch: {global_batch_tokens: 32Ki, seq_len: 512}
        run: {steps: 100, out: runs/first}
        """;

    private readonly TempFolder _folder = new();
    private readonly RunFile _runFile = new(PresetFolder.Shipped());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_SmallestFile_TakesDefaults()
    {
        var config = Read(Smallest);

        config.Spec.Model.Name.ShouldBe("tiny-15m");
        config.Optimizer.ShouldBe(new OptimizerConfig());
        config.Spec.Mesh.ShouldBe(new MeshSpec());
        config.TotalSteps.ShouldBe(100);
        config.TotalTokens.ShouldBe(new TokenCount(100 * 32_768));
    }

    [Fact]
    public void Read_RelativePaths_StartAtTheFolderOfTheFile()
    {
        var config = Read(Smallest);

        config.Data.Train.ShouldBe([new DataSource(_folder["corpus"])]);
        config.Run.Out.ShouldBe(_folder["runs/first"]);
    }

    [Fact]
    public void Read_RelativePathInOption_StartsAtTheWorkingFolder() =>
        Read(Smallest, "run.out=elsewhere").Run.Out.ShouldBe(Path.GetFullPath("elsewhere"));

    [Fact]
    public void Read_EveryKindOfValue_IsRead()
    {
        var config = Read("""
            model: {preset: tiny-15m, vocab_size: 4096, rope_scaling: {rope_type: llama3, factor: 8, low_freq_factor: 1, high_freq_factor: 4,
              original_max_position_embeddings: 8192}}
            data:
              train: [{path: web, weight: 0.8}, {path: /code}]
              val: {val: held, val_members: members}
              max_val_tokens: 1M
              document_mask: false
            mesh: {dp_shard: auto}
            parallel: {recompute: selective, head_chunk_rows: 512}
            batch: {global_batch_tokens: 4096, micro_batch_size: 2, seq_len: 1024}
            optimizer: {lr_schedule: wsd, decay_steps: 5, betas: [0.8, 0.99], max_grad_norm: .inf, warmup_steps: 3}
            run: {tokens: 1M, precision: fp64, seed: 7, threads: 2, out: o}
            """);

        config.Spec.Model.Architecture.VocabSize.ShouldBe(4096);
        config.Spec.Model.Architecture.RopeScaling.ShouldBe(new RopeScaling(8, 1, 4, 8192));
        config.Data.Train.ShouldBe([new DataSource(_folder["web"], 0.8), new DataSource("/code")]);
        config.Data.Val.ShouldBe([new("val", _folder["held"]), new("val_members", _folder["members"])]);
        config.Data.MaxValTokens.ShouldBe(new TokenCount(1_000_000));
        config.Data.DocumentMask.ShouldBeFalse();
        config.Spec.Mesh.DpShard.IsAuto.ShouldBeTrue();
        config.Spec.Parallel.ShouldBe(new ParallelSpec { Recompute = Recompute.Selective, HeadChunkRows = 512 });
        config.Spec.Batch.SequencesPerStep.ShouldBe(4);
        config.Optimizer.Betas.ShouldBe(new AdamBetas(0.8, 0.99));
        config.Optimizer.MaxGradNorm.ShouldBe(double.PositiveInfinity);
        config.Spec.Precision.ShouldBe(Precision.Fp64);
        config.TotalSteps.ShouldBe(245); // 1,000,000 / 4096 rounded up
    }

    [Theory]
    [InlineData("")]
    [InlineData("optimizer.lr_schedule=wsd")]
    [InlineData("model={preset: llama3.2-1b, vocab_size: 1000, name: 'a: b # c'}")]
    [InlineData("data.val={a: x, b: y}")]
    [InlineData("model={preset: tiny-15m, name: 'ends in ...'}")]
    [InlineData("optimizer.max_grad_norm=.inf")]
    [InlineData("mesh.tp=auto")]
    [InlineData("parallel.recompute=auto")]
    [InlineData("run.checkpoint_every=auto")]
    public void Read_OfWrite_IsIdentity(string assignment)
    {
        var config = Read(Smallest, assignment.Length == 0 ? [] : [assignment]).Decided(cores: 3);

        var written = _runFile.Write(config);

        using var elsewhere = new TempFolder();
        _runFile.Read(elsewhere.Write("config.yaml", written), []).ShouldBe(config);
        _runFile.Write(_runFile.Read(elsewhere["config.yaml"], [])).ShouldBe(written);
    }

    [Fact]
    public void Read_OfWrite_KeepsEveryBitOfANumber() =>
        Gen.Double[1e-12, 1e6].Sample(
            lr =>
            {
                var config = Read(Smallest);
                config = config with { Optimizer = config.Optimizer with { Lr = lr, MinLr = lr / 3, Eps = lr / 7 } };
                return Read(_runFile.Write(config)) == config;
            },
            seed: "0000KOIKhKZ3", iter: 50, threads: 1);

    [Fact]
    public void Decided_OpenChoices_AreMade()
    {
        var config = Read(Smallest, "optimizer.lr_schedule=wsd", "mesh.tp=auto").Decided(cores: 3);

        config.Run.Threads.ShouldBe(3);
        config.Spec.Batch.MicroBatchSize.ShouldBe(8);
        config.Spec.Mesh.Tp.ShouldBe(1);
        config.Optimizer.DecaySteps.ShouldBe(10);
        config.Spec.Parallel.Recompute.ShouldBe(Recompute.None);
        config.Spec.Parallel.Zero.ShouldBe(0);
    }

    [Fact]
    public void Decided_CheckpointsLeftOpen_ComeAsOneProcessTakesThem() =>
        Read(Smallest, "run.checkpoint_every=auto").Decided(cores: 3).Run.CheckpointEvery.ShouldBe(500);

    [Theory]
    [InlineData("batch.seq_len=1024", 1024)]
    [InlineData("batch={global_batch_tokens: 2048, seq_len: 2048}", 2048)]
    public void Read_Override_ReplacesTheValue(string assignment, int seqLen) =>
        Read(Smallest, assignment).Spec.Batch.SeqLen.ShouldBe(seqLen);

    [Fact]
    public void Read_TwoOverridesOfOneKey_TakesTheLast() =>
        Read(Smallest, "run.seed=3", "run.seed=4").Run.Seed.ShouldBe(4);

    [Fact]
    public void ReadSettings_SavedConfig_ListsEveryKey()
    {
        var path = _folder.Write("config.yaml", _runFile.Write(Read(Smallest)));

        var settings = RunFile.ReadSettings(path);

        settings.ShouldContain(("model.name", "tiny-15m"));
        settings.ShouldContain(("optimizer.betas", "[0.9, 0.95]"));
    }

    private RunConfig Read(string yaml, params string[] overrides) => _runFile.Read(_folder.Write("run.yaml", yaml), overrides);
}
