using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using CsCheck;

namespace Altiplano.Tests.Planning.Mesh;

public sealed class ParameterLayoutTests
{
    private static readonly LlamaArchitecture Model = new()
    {
        VocabSize = 67, HiddenSize = 16, IntermediateSize = 24, NumLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 4,
    };

    [Theory]
    [InlineData("model.embed_tokens.weight", "embed_tokens[V_tp, D]")]
    [InlineData("model.layers.1.self_attn.q_proj.weight", "q_proj[N*H_tp, D]")]
    [InlineData("model.layers.0.self_attn.o_proj.weight", "o_proj[D, N*H_tp]")]
    [InlineData("model.layers.0.mlp.down_proj.weight", "down_proj[D, F_tp]")]
    [InlineData("model.layers.0.input_layernorm.weight", "input_layernorm[D]")]
    [InlineData("model.norm.weight", "norm[D]")]
    [InlineData("lm_head.weight", "lm_head[V_tp, D]")]
    public void ToString_Parameter_IsTheScalingBooksNotation(string name, string notation) =>
        ParameterLayout.Of(ParameterTable.Of(Model).Single(spec => spec.Name == name)).ToString().ShouldBe(notation);

    [Fact]
    public void Of_EveryParameter_HasALetterForEachDim()
    {
        foreach (var spec in ParameterTable.Of(Model))
            ParameterLayout.Of(spec).Dims.Length.ShouldBe(spec.Shape.Length, spec.Name);
    }

    /// <summary>Cut into slices of any degree and into ranges of any size, then put together: every element once, at its place.</summary>
    [Fact]
    public void Runs_AllSlicesAndRanges_AreTheWholeTensor() =>
        Gen.Select(Gen.Int[0, ParameterTable.Of(Model).Count - 1], Gen.Int[1, 9], Gen.Int[1, 40]).Sample((index, degree, piece) =>
        {
            var spec = ParameterTable.Of(Model)[index];
            var isSplit = ParameterLayout.Of(spec).Placement != Placement.Replicated;
            var times = new int[spec.NumElements];
            for (var rank = 0; rank < (isSplit ? degree : 1); rank++)
            {
                var slice = ParameterSlice.Of(spec, rank, degree);
                var next = 0L;
                for (var first = 0L; first < slice.NumElements; first += piece)
                {
                    foreach (var run in slice.Runs(first, Math.Min(piece, slice.NumElements - first)))
                    {
                        run.InSlice.ShouldBe(next);
                        next += run.Count;
                        for (var i = 0L; i < run.Count; i++)
                            times[run.InWhole + i]++;
                    }
                }

                next.ShouldBe(slice.NumElements);
            }

            times.ShouldAllBe(count => count == 1);
        });
}
