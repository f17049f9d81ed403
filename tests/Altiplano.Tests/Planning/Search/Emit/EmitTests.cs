using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using Altiplano.Planning.Search.Emit;

namespace Altiplano.Tests.Planning.Search.Emit;

public sealed class EmitTests
{
    private static readonly Layout Plain = new()
    {
        Tp = 4, Cp = 2, Pp = 2, DpShard = 2, DpReplicate = 2, VirtualStages = 2, MicroBatchSize = 1, ZeroStage = 1, HasSequenceParallel = true,
        Recompute = Altiplano.Planning.Recompute.Full, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward,
        CpMethod = ContextParallelMethod.AllGather,
    };

    [Fact]
    public void Megatron_UnevenChunks_AreWrittenOut() =>
        Megatron(Plain).ShouldContain("--pipeline-model-parallel-layout \"Et|tt|tt|tL\"");

    [Fact]
    public void Megatron_Degrees_HaveTheirFlags()
    {
        var flags = Megatron(Plain);

        foreach (var flag in new[]
        {
            "--tensor-model-parallel-size 4", "--pipeline-model-parallel-size 2", "--context-parallel-size 2", "--cp-comm-type all_gather",
            "--sequence-parallel", "--use-distributed-optimizer", "--num-distributed-optimizer-instances 2", "--recompute-granularity full",
            "--micro-batch-size 1", "--global-batch-size 32", "--seq-length 2048", "--num-query-groups 8", "--swiglu", "--bf16",
        })
        {
            flags.ShouldContain(flag);
        }

        flags.ShouldNotContain(flag => flag.Contains("expert", StringComparison.Ordinal));
    }

    [Fact]
    public void Megatron_Llama_HasItsNumerics()
    {
        var llama = TransformerShape.Of("llama", new LlamaArchitecture
        {
            VocabSize = 128_256, HiddenSize = 4096, IntermediateSize = 14_336, NumLayers = 6, NumAttentionHeads = 32, NumKeyValueHeads = 8,
            RopeTheta = 500_000, RmsNormEps = 1e-5,
        });

        var flags = MegatronFlags.Of(Request(llama), Phase(Plain));

        foreach (var flag in new[] { "--rotary-base 500000", "--norm-epsilon 1E-05", "--vocab-size 128256", "--make-vocab-size-divisible-by 1" })
            flags.ShouldContain(flag);
    }

    [Fact]
    public void Megatron_ShapeWithoutNumerics_SaysWhatIsMissing()
    {
        var flags = Megatron(Plain);

        flags.ShouldContain("# --rotary-base is the model's rope_theta, which its description does not say");
        flags.ShouldContain("# --norm-epsilon is the model's rms_norm_eps, which its description does not say");
    }

    [Fact]
    public void Megatron_Mixture_HasExperts()
    {
        var model = SearchSamples.Dense with { Mixture = new MixtureShape(16, 2, 1024, 512, Interleave: 2) };

        var flags = MegatronFlags.Of(Request(model), Phase(Plain with { Ep = 4 }));

        flags.ShouldContain("--num-experts 16");
        flags.ShouldContain("--expert-model-parallel-size 4");
        flags.ShouldContain("--moe-layer-freq \"[0,1,0,1,0,1]\"");
        flags.ShouldContain("--moe-shared-expert-intermediate-size 512");
    }

    [Fact]
    public void Megatron_ShardedParameters_AreFsdp() =>
        Megatron(Plain with { ZeroStage = 3 }).ShouldContain("--data-parallel-sharding-strategy optim_grads_params");

    [Fact]
    public void Megatron_ZeroBubble_SaysThatThereIsNoFlag() =>
        Megatron(Plain with { VirtualStages = 1, Schedule = PipelineScheduleKind.ZeroBubble })
            .ShouldContain("# the schedule zero_bubble has no flag: this runs 1f1b");

    [Fact]
    public void TorchTitan_Degrees_HaveTheirKeys()
    {
        var lines = TorchTitanConfig.Of(Request(SearchSamples.Dense), Phase(Plain));

        foreach (var line in new[]
        {
            "data_parallel_replicate_degree = 2", "data_parallel_shard_degree = 2", "tensor_parallel_degree = 4", "pipeline_parallel_degree = 2",
            "context_parallel_degree = 2", "pipeline_parallel_schedule = \"Interleaved1F1B\"", "pipeline_parallel_layers_per_stage = 2",
            "pipeline_parallel_first_stage_less_layers = 1", "pipeline_parallel_last_stage_less_layers = 1", "mode = \"full\"",
            "global_batch_size = 32", "local_batch_size = 8", "seq_len = 2048", "# zero 1 has no key: this shards gradients too",
        })
        {
            lines.ShouldContain(line);
        }
    }

    private static IReadOnlyList<string> Megatron(Layout layout) => MegatronFlags.Of(Request(SearchSamples.Dense), Phase(layout));

    private static PlanRequest Request(TransformerShape model) => SearchSamples.Request(model, SearchSamples.Cluster(32), 32, 32);

    private static PhasePlan Phase(Layout layout) => new()
    {
        Phase = new PlanPhase("all", 1e9, 2048, 32, 32),
        Best = [new Candidate(1, layout, 32, new StepCost { Time = new StepTime { Matrices = 1 } }, default)],
        Counts = default,
        MemoryByStage = [],
    };
}
