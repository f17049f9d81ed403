using System.Collections.Immutable;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;

namespace Altiplano.Training.Layers;

/// <summary>
/// All weights of a model, and with training their gradients and master copies, laid out by the parameter table.
/// </summary>
public sealed class ParameterStore : IDisposable
{
    private readonly List<Parameter> _views = [];

    public ParameterStore(Engine engine, LlamaArchitecture architecture, ScalarType parameterType, bool withGradients)
    {
        Engine = engine;
        Architecture = architecture;
        ParameterType = parameterType;
        Table = ParameterTable.Of(architecture);
        Groups = [.. Table
            .GroupBy(spec => (Block: BlockOf(spec), spec.IsDecayed))
            .Select(group => new ParameterGroup(
                engine, group.Key.Block + (group.Key.IsDecayed ? "" : "/norms"), [.. group], parameterType, withGradients))];
    }

    public Engine Engine { get; }
    public LlamaArchitecture Architecture { get; }
    public ScalarType ParameterType { get; }
    public ParameterTable Table { get; }
    public ImmutableArray<ParameterGroup> Groups { get; }

    /// <summary>
    /// A parameter of a decoder layer by its parts, for example <c>Layer(0, "self_attn.q_proj", ...)</c>; several parts must
    /// be neighbours.
    /// </summary>
    public Parameter Layer(int layer, params ReadOnlySpan<string> parts)
    {
        var names = new string[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            names[i] = ParameterTable.LayerName(layer, parts[i]);
        return View(names);
    }

    /// <summary>The parameter of a name, seen by one layer; the store disposes it.</summary>
    public Parameter View(params string[] names)
    {
        var group = GroupOf(names[0]);
        var parameter = group.View([.. names.Select(name => group.Specs.Single(spec => spec.Name == name))]);
        _views.Add(parameter);
        return parameter;
    }

    public ParameterGroup GroupOf(string parameter) => Groups.First(group => group.Contains(parameter));

    /// <summary>Starts a step: the next contribution to each gradient overwrites it.</summary>
    public void ForgetGradients()
    {
        foreach (var view in _views)
            view.HasGradient = false;
    }

    public void Dispose()
    {
        foreach (var view in _views)
            view.Dispose();
        foreach (var group in Groups)
            group.Dispose();
    }

    private static string BlockOf(ParameterSpec spec) => spec switch
    {
        { Layer: { } layer } => $"layers.{layer}",
        { Role: ParameterRole.Embedding } => "embed_tokens",
        _ => "head",
    };
}
