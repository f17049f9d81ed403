using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests.Torch.Operators;

/// <summary>What operators say of operands that do not fit; on shapes, where nothing can be overwritten meanwhile.</summary>
public sealed class OperandTests
{
    private readonly Engine _engine = new(Device.Shape);

    [Fact]
    public void MatMul_InnerSizesDiffer_NamesBoth() =>
        Message(() => _engine.MatMul(Of(4, 5), Of(4, 3), Of(5, 2), transposeB: true))
            .ShouldBe("mm: a is f32[4, 3] and bᵀ is f32[5, 2]; inner sizes and types must agree.");

    [Fact]
    public void MatMul_OutputOfAnotherShape_SaysWhatIsExpected() =>
        Message(() => _engine.MatMul(Of(4, 4), Of(4, 3), Of(3, 5))).ShouldBe("mm: output is f32[4, 4], expected f32[4, 5].");

    [Fact]
    public void MatMul_OperandsOfTwoTypes_NamesBoth() =>
        Message(() => _engine.MatMul(Of(4, 5), Of(4, 3), Of(ScalarType.Float64, 3, 5)))
            .ShouldBe("mm: a is f32[4, 3] and b is f64[3, 5]; inner sizes and types must agree.");

    [Fact]
    public void AddMatMul_AddendOfAnotherShape_SaysWhatIsExpected() =>
        Message(() => _engine.AddMatMul(Of(4, 5), Of(4, 1), Of(4, 3), Of(3, 5))).ShouldBe("AddMatMul: addend is f32[4, 1], expected f32[4, 5].");

    [Fact]
    public void RmsNorm_WeightOfAnotherWidth_SaysWhatIsExpected() =>
        Message(() => _engine.RmsNorm(Of(2, 8), Of(2), Of(2, 8), Of(7), 1e-5)).ShouldBe("rms_norm: weight is f32[7], expected f32[8].");

    [Fact]
    public void RmsNorm_StridedInput_SaysThatMemoryMustBeContiguous()
    {
        using var wide = Of(2, 16);
        using var half = wide.Columns(0, 8);
        Message(() => _engine.RmsNorm(Of(2, 8), Of(2), half, Of(8), 1e-5))
            .ShouldBe("rms_norm: x is a strided view f32[2, 8] with strides [16, 1], expected contiguous memory.");
    }

    [Theory]
    [InlineData(2, 16, 1, "A window [2, 16] with strides [16, 1] from element 1 leaves the storage of f32[2, 16], which has 32.")]
    [InlineData(3, 16, 0, "A window [3, 16] with strides [16, 1] from element 0 leaves the storage of f32[2, 16], which has 32.")]
    [InlineData(1, 1, -1, "A window [1, 1] with strides [16, 1] from element -1 leaves the storage of f32[2, 16], which has 32.")]
    public void View_WindowOutsideTheStorage_IsRefused(long rows, long columns, long offset, string message)
    {
        using var tensor = Of(2, 16);
        Message(() => tensor.View([rows, columns], [16, 1], offset)).ShouldBe(message);
    }

    /// <summary>A view may leave its own window, but not the storage below it.</summary>
    [Fact]
    public void View_OfAView_CountsFromItsOwnStart()
    {
        using var tensor = Of(4, 8);
        using var second = tensor.Rows(1, 1);
        using var last = second.View([3, 8], [8, 1]);
        Message(() => second.View([4, 8], [8, 1])).ShouldContain("from element 8 leaves the storage");
        last.View([2, 8], [8, 1], -8).Dispose();
    }

    /// <summary>Kernels walk through outputs by address, so a strided one would be written past its rows.</summary>
    [Fact]
    public void FusedOperators_StridedOutputs_AreRefused()
    {
        using var wide = Of(2, 16);
        using var y = wide.Columns(8, 8);
        using var ids = Ids(2);
        Message(() => _engine.RmsNorm(y, Of(2), Of(2, 8), Of(8), 1e-5)).ShouldStartWith("RmsNorm: y is a strided view");
        Message(() => _engine.RmsNormBackwardInput(y, Of(2, 8), Of(2, 8), Of(8), Of(2), null)).ShouldStartWith("RmsNormBackwardInput: dx is a strided view");
        Message(() => _engine.RmsNormBackwardWeight(Of(8), y, Of(2, 8), Of(2), false)).ShouldStartWith("RmsNormBackwardWeight: dy is a strided view");
        Message(() => _engine.Embed(y, Of(5, 8), ids)).ShouldStartWith("Embed: y is a strided view");
        Message(() => _engine.EmbedBackward(Of(5, 8), y, ids)).ShouldContain("strided view");
        Message(() => _engine.SwiGlu(y, Of(2, 16))).ShouldStartWith("swiglu: activation is a strided view");
        Message(() => _engine.SwiGluBackward(Of(2, 8), Of(2, 4), y)).ShouldStartWith("swiglu: gateUp is a strided view");
        Message(() => _engine.CrossEntropy(Of(ScalarType.Float64, 2), y, ids, 1)).ShouldStartWith("cross_entropy: logits is a strided view");
        Message(() => _engine.Rotate(y, 1, Of(9, 4), Of(9, 4), ids, false)).ShouldStartWith("Rotate: heads is a strided view");
        Message(() => _engine.AdamW(y, y, y, y, new AdamWStep(1, 1, 0, 0, 1, 0, 1))).ShouldStartWith("AdamW: weights is a strided view");
        Message(() => _engine.SumOfSquares(y)).ShouldStartWith("SumOfSquares: x is a strided view");
    }

    [Fact]
    public void Embed_IdsOfAnotherType_SaysWhatIsExpected() =>
        Message(() => _engine.Embed(Of(3, 8), Of(5, 8), Of(3))).ShouldBe("Embed: ids is f32[3], expected i64[3].");

    [Fact]
    public void EmbedBackward_TableInTheParameterType_WantsTheAccumulator() =>
        Message(() => _engine.EmbedBackward(Of(ScalarType.BFloat16, 5, 8), Of(ScalarType.BFloat16, 3, 8), Ids(3)))
            .ShouldBe("EmbedBackward: dTable is bf16[5, 8], expected f32[5, 8].");

    [Fact]
    public void Rotate_HeadsWiderThanTheRow_GivesTheNumbers() =>
        Message(() => _engine.Rotate(Of(2, 20), 3, Of(9, 4), Of(9, 4), Ids(2), false)).ShouldBe("Rotate: 3 heads of 8 do not fit into rows of f32[2, 20].");

    [Fact]
    public void SwiGlu_OddWidths_SaysWhatIsExpected() =>
        Message(() => _engine.SwiGlu(Of(2, 4), Of(2, 9))).ShouldBe("swiglu: gateUp is f32[2, 9], expected f32[2, 8].");

    [Fact]
    public void CrossEntropy_Bf16Logits_SaysWhatItComputesFrom() =>
        Message(() => _engine.CrossEntropy(Of(ScalarType.Float64, 2), Of(ScalarType.BFloat16, 2, 8), Ids(2), 1))
            .ShouldBe("cross_entropy: logits are bf16[2, 8]; losses are computed from fp32 or fp64.");

    [Fact]
    public void CrossEntropy_LossesInFp32_SaysWhatIsExpected() =>
        Message(() => _engine.CrossEntropy(Of(2), Of(2, 8), Ids(2), 1)).ShouldBe("cross_entropy: losses is f32[2], expected f64[2].");

    [Fact]
    public void Attention_HeadsThatCannotBeShared_GivesTheNumbers() =>
        Attention(4, 3, new Segment(0, 6)).ShouldBe("attention: 4 query heads cannot share 3 key/value heads evenly.");

    [Fact]
    public void Attention_SegmentsWithAGap_NamesTheRow() =>
        Attention(4, 2, new Segment(0, 2), new Segment(3, 3)).ShouldBe("attention: a segment starts at row 3 with 3 rows where row 2 is next.");

    [Fact]
    public void Attention_EmptySegment_IsRefused() =>
        Attention(4, 2, new Segment(0, 0)).ShouldBe("attention: a segment starts at row 0 with 0 rows where row 0 is next.");

    [Fact]
    public void Attention_SegmentsThatEndEarly_GivesTheNumbers() =>
        Attention(4, 2, new Segment(0, 5)).ShouldBe("attention: segments cover 5 rows of 6.");

    [Fact]
    public void Attention_ValuesOfAnotherType_SaysWhatIsExpected() =>
        Message(() => _engine.Attention(Of(6, 4, 8), Of(6, 4, 8), Of(6, 2, 8), Of(ScalarType.Float64, 6, 2, 8), [new Segment(0, 6)]))
            .ShouldBe("attention: v is f64[6, 2, 8], expected f32[6, 2, 8].");

    [Fact]
    public void AdamW_MomentsOfAnotherSize_SaysWhatIsExpected() =>
        Message(() => _engine.AdamW(Of(8), Of(8), Of(7), Of(8), new AdamWStep(1, 1, 0, 0, 1, 0, 1)))
            .ShouldBe("AdamW: firstMoments is f32[7], expected f32[8].");

    [Fact]
    public void GroupedMatMul_CountsOfOtherRows_NamesThem() =>
        Message(() => _engine.GroupedMatMul(Of(6, 5), Of(6, 4), Of(3, 4, 5), [2, 1, 2])).ShouldBe(
            "grouped_mm: counts are 2, 1, 2 for the 6 rows of f32[6, 4] and the matrices of f32[3, 4, 5].");

    [Fact]
    public void GroupedMatMul_InnerSizesDiffer_SaysWhatIsExpected() =>
        Message(() => _engine.GroupedMatMul(Of(6, 5), Of(6, 5), Of(2, 4, 5), [2, 4])).ShouldBe("GroupedMatMul: x is f32[6, 5], expected f32[6, 4].");

    [Fact]
    public void TopExperts_MoreChoicesThanExperts_GivesTheNumber() =>
        Message(() => _engine.TopExperts(_engine.Empty(ScalarType.Int64, 3, 6), Of(6, 2)))
            .ShouldBe("TopExperts: f32[6, 2] has fewer experts than 3 choices.");

    [Fact]
    public void TopExperts_Bf16_SaysWhichTypes() =>
        Message(() => _engine.TopExperts(_engine.Empty(ScalarType.Int64, 1, 6), Of(ScalarType.BFloat16, 6, 2)))
            .ShouldBe("router: logits are bf16[6, 2]; experts are chosen in fp32 or fp64.");

    [Fact]
    public void NormalizeHeads_RowsThatAreTooShort_GivesTheNumbers() =>
        Message(() => _engine.NormalizeHeads(Of(6, 20), Of(6, 3), 8, 1e-5)).ShouldBe("normalize_heads: 3 heads of 8 do not fit into rows of f32[6, 20].");

    [Fact]
    public void Upload_OtherNumberOfBytes_GivesBoth() =>
        Message(() => _engine.Upload<float>(Of(3), [1, 2])).ShouldBe("transfer: f32[3] holds 12 bytes, the host memory 8.");

    [Fact]
    public void Rows_OutsideTheTensor_GivesTheNumbers() =>
        Message(() => Of(3, 2).Rows(2, 2)).ShouldBe("f32[3, 2] has no range 2..4 in dim 0 of size 3.");

    [Fact]
    public void Reshape_OtherNumberOfElements_GivesBothShapes() =>
        Message(() => Of(3, 2).Reshape(4, 2)).ShouldBe("f32[3, 2] cannot be seen as [4, 2]: it must be contiguous and have as many elements.");

    private static string Message(Action action) => Should.Throw<ShapeException>(action).Message;

    private string Attention(long heads, long kvHeads, params Segment[] segments) =>
        Message(() => _engine.Attention(Of(6, heads, 8), Of(6, heads, 8), Of(6, kvHeads, 8), Of(6, kvHeads, 8), segments));

    private Tensor Of(params ReadOnlySpan<long> shape) => _engine.Empty(ScalarType.Float32, shape);

    private Tensor Of(ScalarType type, params ReadOnlySpan<long> shape) => _engine.Empty(type, shape);

    private Tensor Ids(long count) => _engine.Empty(ScalarType.Int64, count);
}
