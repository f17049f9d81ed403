using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Tests.Training.Layers;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Planning.Costs;

/// <summary>The closed form against the operators of the real step, run on shapes.</summary>
public sealed class ModelFlopsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MatricesPerToken_TracedStep_HasExactlyThatManyInItsProducts(bool isTied)
    {
        var model = TinyLlama.Architecture with { TieWordEmbeddings = isTied };

        var traced = Trace(model).Where(call => call.Name is "mm" or "addmm").Sum(call => call.Flops);

        traced.ShouldBe(new ModelFlops(model).MatricesPerToken * 64);
    }

    public static TheoryData<LlamaArchitecture> Attentions =>
        [TinyLlama.Architecture, TinyLlama4.Architecture, TinyLlama4.Architecture with { Attention = new Llama4Attention(7, 0) }];

    /// <summary>Llama 4's documents are longer than its chunks, which they need not divide by.</summary>
    [Theory]
    [MemberData(nameof(Attentions))]
    public void Attention_TracedStep_CountsItsForwardPassThreeTimes(LlamaArchitecture model)
    {
        // The operator computes the scores again in its backward pass; model FLOPs do not count that.
        var forward = Trace(model).Where(call => call.Name == "attention").Sum(call => call.Flops);

        (3 * forward).ShouldBe(new ModelFlops(model).Attention(2 * AttentionPairs.OfDocument(model, 32)));
    }

    /// <summary>Two full layers, and six of chunks of 4, 4 and 2 tokens.</summary>
    [Fact]
    public void OfDocument_LongerThanAChunk_CountsPairsInsideChunks()
    {
        var model = TinyLlama4.Architecture with { NumLayers = 8 };

        AttentionPairs.OfDocument(model, 10).ShouldBe(2 * 50 + 6 * (8 + 8 + 2));
        AttentionPairs.OfDocument(model, 4).ShouldBe(8 * 8);
    }

    [Fact]
    public void MatricesPerToken_Llama8B_IsSixTimesItsParametersWithoutTheEmbedding()
    {
        var model = new LlamaArchitecture
        {
            VocabSize = 128_256, HiddenSize = 4096, NumLayers = 32, NumAttentionHeads = 32, NumKeyValueHeads = 8, IntermediateSize = 14336,
        };
        var (embedding, norms) = (525_336_576, 65 * 4096);

        new ModelFlops(model).MatricesPerToken.ShouldBe(6.0 * (8_030_261_248 - embedding - norms));
    }

    private static List<OperatorCall> Trace(LlamaArchitecture model)
    {
        var recorder = new CallRecorder();
        var engine = new Engine(Device.Shape, recorder);
        using var parameters = new ParameterStore(engine, model, ScalarType.Float32, withGradients: true);
        using var llama = new LlamaModel(parameters, new ModelOptions(32, HeadChunkRows: 24));
        using var batch = new PackedBatch(engine, new long[64], new long[64], [new Segment(0, 32), new Segment(32, 32)]);
        llama.ForwardBackward(batch, 1).Dispose();
        return recorder.Calls;
    }
}
