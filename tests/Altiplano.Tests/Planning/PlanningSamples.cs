using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning;

/// <summary>Machines and models for tests of pure formulas: round figures, nobody's cluster.</summary>
internal static class PlanningSamples
{
    public static readonly TransformerShape Llama8B = new()
    {
        Name = "llama-8b", VocabSize = 128_256, HiddenSize = 4096, NumLayers = 32, NumAttentionHeads = 32, NumKeyValueHeads = 8,
        IntermediateSize = 14_336,
    };

    public static readonly TransformerShape Llama405B = new()
    {
        Name = "llama-405b", VocabSize = 128_256, HiddenSize = 16_384, NumLayers = 126, NumAttentionHeads = 128, NumKeyValueHeads = 8,
        IntermediateSize = 53_248,
    };

    /// <summary>Every second layer a mixture of 128 experts, one of them shared by all tokens; 400B, 17B active.</summary>
    public static readonly TransformerShape Maverick = new()
    {
        Name = "maverick", VocabSize = 202_048, HiddenSize = 5120, NumLayers = 48, NumAttentionHeads = 40, NumKeyValueHeads = 8, HeadDim = 128,
        IntermediateSize = 16_384, Mixture = new MixtureShape(128, 1, 8192, 8192, Interleave: 2),
    };

    /// <summary>arXiv:2412.19437 §4.2, without the multi-token prediction module.</summary>
    public static readonly TransformerShape DeepSeekV3 = new()
    {
        Name = "deepseek-v3", VocabSize = 129_280, HiddenSize = 7168, NumLayers = 61, NumAttentionHeads = 128, NumKeyValueHeads = 128,
        IntermediateSize = 18_432, Mixture = new MixtureShape(256, 8, 2048, 2048, NumDenseLayers: 3),
        LatentAttention = new LatentAttentionShape(1536, 512, 128, 64, 128),
    };

    /// <summary>A GPT as Megatron trains it: biases, learned positions, tied embedding, two matrices in the feed-forward part.</summary>
    public static TransformerShape Gpt(int hidden, int layers, int heads, int vocabSize = 51_200) => new()
    {
        Name = $"gpt-{hidden}x{layers}", VocabSize = vocabSize, HiddenSize = hidden, NumLayers = layers, NumAttentionHeads = heads,
        NumKeyValueHeads = heads, IntermediateSize = 4 * hidden, IsMlpGated = false, HasBiases = true, TieWordEmbeddings = true,
        LearnedPositions = 2048,
    };

    public static Workload Work(TransformerShape model, int seqLen, long sequences, Precision precision = Precision.Bf16) => new()
    {
        Model = model, SeqLen = seqLen, GlobalBatchSequences = sequences, Precision = precision,
    };

    public static ClusterSpec Cluster(int gpus, long gpuMemory = 80L << 30) => new()
    {
        Name = "sample",
        NumGpus = gpus,
        Server = new ServerSpec
        {
            Name = "sample-server",
            Gpu = new GpuSpec
            {
                Name = "sample-gpu",
                PeakBf16 = new FlopsPerSecond(1e15),
                Memory = new Bytes(gpuMemory),
                MemoryBandwidth = new BytesPerSecond(3e12),
                L2Cache = new Bytes(50_000_000),
                NumSms = 132,
                PowerLimit = new Watts(700),
                IdlePower = new Watts(100),
            },
            GpusPerServer = 8,
            NvlinkBandwidth = new BytesPerSecond(450e9),
            NvlinkLatency = new Seconds(3e-6),
            PcieBandwidth = new BytesPerSecond(55e9),
            HostMemory = new Bytes(2L << 40),
            HostIdlePower = new Watts(1000),
            HostLoadPower = new Watts(2000),
            Price = new Dollars(250_000),
        },
        Network = new NetworkSpec
        {
            Kind = FabricKind.InfiniBand,
            BandwidthPerGpu = new BytesPerSecond(50e9),
            Tiers = [new NetworkTier("site", gpus, 1, new Seconds(5e-6))],
            PowerPerGpu = new Watts(80),
            PricePerGpu = new Dollars(8000),
        },
        Storage = new StorageSpec(new Bytes(1L << 50), new BytesPerSecond(2e12), new BytesPerSecond(7e12), new Watts(1e6)),
        Facility = new FacilitySpec(1.1, new Watts(1e8), 400, new Watts(10)),
        Prices = new PriceSpec(new Dollars(2), new Dollars(0.08), 5, new Dollars(1e7), 15, new Dollars(0.3)),
        Reliability = "none",
    };
}
