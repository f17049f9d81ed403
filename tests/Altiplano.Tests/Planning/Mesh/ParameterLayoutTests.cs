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

    private static readonly LlamaArchitecture Mixture = Model with
    {
        Mixture = new MixtureShape(6, 1, 10, SharedIntermediateSize: 12, Interleave: 2),
        Attention = new Llama4Attention(8, 4),
    };

    private static readonly ParameterSpec[] AllKinds = [.. ParameterTable.Of(Model), .. ParameterTable.Of(Mixture)];

    [Theory]
    [InlineData("model.embed_tokens.weight", "embed_tokens[V_tp, D]")]
    [InlineData("model.layers.1.self_attn.q_proj.weight", "q_proj[N*H_tp, D]")]
    [InlineData("model.layers.0.self_attn.o_proj.weight", "o_proj[D, N*H_tp]")]
    [InlineData("model.layers.0.mlp.down_proj.weight", "down_proj[D, F_tp]")]
    [InlineData("model.layers.0.input_layernorm.weight", "input_layernorm[D]")]
    [InlineData("model.norm.weight", "norm[D]")]
    [InlineData("lm_head.weight", "lm_head[V_tp, D]")]
    [InlineData("model.layers.0.feed_forward.down_proj.weight", "down_proj[D, F_tp]")]
    [InlineData("model.layers.1.feed_forward.shared_expert.down_proj.weight", "down_proj[D, F_tp]")]
    [InlineData("model.layers.1.feed_forward.router.weight", "router[E, D]")]
    [InlineData("model.layers.1.feed_forward.experts.gate_up_proj", "experts.gate_up_proj[E_ep, D, 2F_tp]")]
    [InlineData("model.layers.1.feed_forward.experts.down_proj", "experts.down_proj[E_ep, F_tp, D]")]
    public void ToString_Parameter_IsTheScalingBooksNotation(string name, string notation) =>
        ParameterLayout.Of(AllKinds.First(spec => spec.Name == name)).ToString().ShouldBe(notation);

    [Fact]
    public void Of_EveryParameter_HasALetterForEachDim()
    {
        foreach (var spec in AllKinds)
            ParameterLayout.Of(spec).Dims.Length.ShouldBe(spec.Shape.Length, spec.Name);
    }

    /// <summary>Cut into slices of any degree and into ranges of any size, then put together: every element once, at its place.</summary>
    [Fact]
    public void Runs_AllSlicesAndRanges_AreTheWholeTensor() =>
        Gen.Select(Gen.Int[0, AllKinds.Length - 1], Gen.Int[1, 9], Gen.Int[1, 6], Gen.Int[1, 40]).Sample((index, tp, ep, piece) =>
        {
            var spec = AllKinds[index];
            var layout = ParameterLayout.Of(spec);
            var times = new int[spec.NumElements];
            foreach (var slice in
                from rank in Enumerable.Range(0, layout.Placement == Placement.Replicated ? 1 : tp)
                from expertRank in Enumerable.Range(0, layout.OverExperts == Placement.Replicated ? 1 : ep)
                select ParameterSlice.Of(spec, rank, tp, expertRank, ep))
            {
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

    [Fact]
    public void Of_GateAndUpInOne_CutsEachHalf()
    {
        var spec = AllKinds.Single(parameter => parameter.Role == ParameterRole.ExpertGateUp);

        var slice = ParameterSlice.Of(spec, rank: 1, degree: 2, expertRank: 1, expertDegree: 3);

        slice.Shape.ShouldBe([2, 16, 10]);
        var first = (2 * 16 * 20) + 5;
        slice.Runs(0, 15).ShouldBe([new ElementRun(0, first, 5), new ElementRun(5, first + 10, 5), new ElementRun(10, first + 20, 5)]);
    }
}
