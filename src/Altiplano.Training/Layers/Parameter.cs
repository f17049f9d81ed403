using Altiplano.Torch;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>
/// A weight as a layer uses it: one row of the parameter table, or neighbouring rows that one product reads together.
/// </summary>
public sealed class Parameter
{
    private readonly BufferView _weight;
    private readonly BufferView? _gradient;

    internal Parameter(BufferView weight, BufferView? gradient)
    {
        _weight = weight;
        _gradient = gradient;
    }

    /// <summary>A view of the flat weights, in the parameter type; its group disposes it.</summary>
    public Tensor Weight => _weight.Tensor;

    /// <summary>A view of the flat gradients, in the accumulator type; its group disposes it.</summary>
    /// <exception cref="InvalidOperationException">The store was made without gradients.</exception>
    public Tensor Gradient => (_gradient ?? throw new InvalidOperationException("These parameters were loaded without gradients.")).Tensor;

    /// <summary>
    /// True once this step has written to <see cref="Gradient"/>; what it held before belongs to an earlier step.
    /// </summary>
    public bool HasGradient { get; internal set; }

    /// <summary>Whether the next contribution adds to the gradient or overwrites it, and marks the gradient as written.</summary>
    /// <remarks>Overwriting first saves zeroing every gradient at each step.</remarks>
    public bool AccumulateNext()
    {
        var accumulate = HasGradient;
        HasGradient = true;
        return accumulate;
    }
}
