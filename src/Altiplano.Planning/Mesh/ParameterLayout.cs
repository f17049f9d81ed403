using System.Collections.Immutable;
using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Mesh;

/// <summary>One row of the table of layouts: how a kind of parameter lies on the axes tp and ep.</summary>
/// <param name="Part">The last part of the parameter's name, as in <c>q_proj</c>; of experts the last two.</param>
/// <param name="Dims">Letters of its dims, see docs/notation.md.</param>
/// <param name="Placement">On tp.</param>
public sealed record ParameterLayout(string Part, ImmutableArray<string> Dims, Placement Placement)
{
    private const string ExpertDim = "E";


    /// <summary>Columns of what is multiplied first are cut, and rows of what is multiplied next: Megatron's pairs.</summary>
    /// <remarks>
    /// Source: Shoeybi et al. 2019, arXiv:1909.08053, section 3. Norms and routers see a part of the rows and all columns. Gate and up of
    /// experts lie side by side, so each half is cut.
    /// </remarks>
    public static ImmutableArray<ParameterLayout> Table { get; } =
    [
        new("embed_tokens", ["V", "D"], Placement.Split(0)),
        new("input_layernorm", ["D"], Placement.Replicated),
        new("q_proj", ["N*H", "D"], Placement.Split(0)),
        new("k_proj", ["K*H", "D"], Placement.Split(0)),
        new("v_proj", ["K*H", "D"], Placement.Split(0)),
        new("o_proj", ["D", "N*H"], Placement.Split(1)),
        new("post_attention_layernorm", ["D"], Placement.Replicated),
        new("gate_proj", ["F", "D"], Placement.Split(0)),
        new("up_proj", ["F", "D"], Placement.Split(0)),
        new("down_proj", ["D", "F"], Placement.Split(1)),
        new("router", [ExpertDim, "D"], Placement.Replicated),
        new("experts.gate_up_proj", [ExpertDim, "D", "2F"], Placement.SplitBlocks(2, 2)),
        new("experts.down_proj", [ExpertDim, "F", "D"], Placement.Split(1)),
        new("norm", ["D"], Placement.Replicated),
        new("lm_head", ["V", "D"], Placement.Split(0)),
    ];

    /// <summary>On ep: routed experts are dealt out, all else is the same on every rank.</summary>
    public Placement OverExperts => Dims.Length == 3 ? Placement.Split(0) : Placement.Replicated;

    /// <summary>The row of a parameter.</summary>
    public static ParameterLayout Of(ParameterSpec parameter)
    {
        var names = parameter.Name.Split('.');
        var part = parameter.IsExpert ? $"{names[^2]}.{names[^1]}" : names[^2];
        return Table.First(row => row.Part == part);
    }

    /// <summary>The scaling book's notation: <c>q_proj[N*H_tp, D]</c>.</summary>
    public override string ToString() => $"{Part}[{string.Join(", ", Dims.Select(Tell))}]";

    private string Tell(string letters, int dim) =>
        dim == Placement.Dim ? $"{letters}_tp" : dim == OverExperts.Dim ? $"{letters}_ep" : letters;
}
