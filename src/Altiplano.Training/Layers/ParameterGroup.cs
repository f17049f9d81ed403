using System.Collections.Immutable;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>
/// The parameters of one block that are decayed alike, in flat buffers: one optimizer call, later one collective.
/// </summary>
public sealed class ParameterGroup : IDisposable
{
    private readonly Dictionary<string, long> _offsets = [];
    private readonly Tensor? _gradients;

    /// <param name="parameterType">Element type of the weights that layers read.</param>
    /// <param name="withGradients">False for inference: no gradients, no separate master weights.</param>
    internal ParameterGroup(
        Engine engine, string name, ImmutableArray<ParameterSpec> specs, ScalarType parameterType, bool withGradients)
    {
        Name = name;
        Specs = specs;
        var offset = 0L;
        foreach (var spec in specs)
        {
            _offsets[spec.Name] = offset;
            offset += spec.NumElements;
        }

        Weights = engine.Zeros(parameterType, offset);
        var master = parameterType.Accumulator();
        Master = withGradients && master != parameterType ? engine.Zeros(master, offset) : Weights;
        _gradients = withGradients ? engine.Zeros(master, offset) : null;
    }

    /// <summary>The block, for example <c>layers.3</c>, with <c>/norms</c> behind it where weight decay does not apply.</summary>
    public string Name { get; }

    public ImmutableArray<ParameterSpec> Specs { get; }
    public bool IsDecayed => Specs[0].IsDecayed;

    /// <summary>[P] in the parameter type.</summary>
    public Tensor Weights { get; }

    /// <summary>
    /// [P] in the accumulator type: what the optimizer updates. The same tensor as <see cref="Weights"/> when the types
    /// agree.
    /// </summary>
    public Tensor Master { get; }

    /// <summary>True when layers read a rounded copy of what the optimizer updates.</summary>
    public bool HasSeparateMaster => Master != Weights;

    /// <summary>[P] in the accumulator type.</summary>
    /// <exception cref="InvalidOperationException">The store was made without gradients.</exception>
    public Tensor Gradients => _gradients ?? throw new InvalidOperationException("These parameters were loaded without gradients.");

    public bool Contains(string parameter) => _offsets.ContainsKey(parameter);

    /// <summary>Rounds the master weights into the weights that layers read.</summary>
    public void RefreshWeights()
    {
        if (HasSeparateMaster)
            Weights.Engine.Copy(Weights, Master);
    }

    /// <summary>
    /// The flat part of <paramref name="buffer"/> that belongs to a parameter, [elements]; the caller disposes it.
    /// </summary>
    public Tensor Part(Tensor buffer, ParameterSpec spec) => buffer.Rows(_offsets[spec.Name], spec.NumElements);

    /// <summary>
    /// Neighbouring matrices of equal width as one, [sum of rows, width], or one norm, [width]; the caller disposes it.
    /// </summary>
    internal Parameter View(IReadOnlyList<ParameterSpec> specs)
    {
        var start = _offsets[specs[0].Name];
        long[] shape = specs[0].Shape is [var width] ? [width] : [specs.Sum(s => s.Shape[0]), specs[0].Shape[1]];
        Tensor ViewOf(Tensor buffer) => buffer.View(shape, shape is [_, var columns] ? [columns, 1] : [1], start);
        return new Parameter(ViewOf(Weights), _gradients is null ? null : ViewOf(_gradients));
    }

    public void Dispose()
    {
        Weights.Dispose();
        if (HasSeparateMaster)
            Master.Dispose();
        _gradients?.Dispose();
    }
}
