using System.Collections.Immutable;
using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Mesh;

/// <summary>One row of the table of layouts: how a kind of parameter lies on the tp axis.</summary>
/// <param name="Part">The last part of the parameter's name, as in <c>q_proj</c>.</param>
/// <param name="Dims">Letters of its dims, see docs/notation.md.</param>
public sealed record ParameterLayout(string Part, ImmutableArray<string> Dims, Placement Placement)
{
    /// <summary>Columns of what is multiplied first are cut, and rows of what is multiplied next: Megatron's pairs.</summary>
    /// <remarks>Source: Shoeybi et al. 2019, arXiv:1909.08053, section 3. Norms see a part of the rows and all columns.</remarks>
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
        new("norm", ["D"], Placement.Replicated),
        new("lm_head", ["V", "D"], Placement.Split(0)),
    ];

    /// <summary>The row of a parameter of a dense Llama.</summary>
    public static ParameterLayout Of(ParameterSpec parameter)
    {
        var part = parameter.Name.Split('.')[^2];
        return Table.First(row => row.Part == part);
    }

    /// <summary>The scaling book's notation: <c>q_proj[N*H_tp, D]</c>.</summary>
    public override string ToString() =>
        $"{Part}[{string.Join(", ", Dims.Select((letters, dim) => dim == Placement.Dim ? $"{letters}_tp" : letters))}]";
}
