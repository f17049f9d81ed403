using Altiplano.Distributed;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Training.Parallel.SelfTest;

/// <summary>Whole tensors, put together from the parts of all ranks.</summary>
public sealed class WholeTensors
{
    /// <summary>Where no rank had an element: below every other value, so that the largest of all ranks' is the value.</summary>
    private const double Unset = double.NegativeInfinity;

    private readonly Dictionary<string, Range> _places = [];
    private readonly double[] _values;

    public WholeTensors(ParameterTable table)
    {
        var end = 0;
        foreach (var spec in table)
            _places[spec.Name] = end..(end += (int)spec.NumElements);
        _values = new double[end];
        Array.Fill(_values, Unset);
    }

    /// <summary>Row-major elements by the parameter's name; minus infinity where no rank had one.</summary>
    public IReadOnlyDictionary<string, double[]> Values => _places.ToDictionary(place => place.Key, place => _values[place.Value]);

    /// <summary>Adds what a rank has of every parameter.</summary>
    /// <param name="buffer">The flat buffer to read, of each group.</param>
    public void Add(ParameterStore parameters, Func<ParameterGroup, Tensor> buffer)
    {
        foreach (var group in parameters.Groups)
        {
            var part = parameters.Engine.ReadDoubles(buffer(group));
            foreach (var slice in group.Slices)
            {
                var (inPart, inSlice, count) = group.Overlap(slice);
                var whole = _values.AsSpan(_places[slice.Parameter.Name]);
                foreach (var run in slice.Runs(inSlice, count))
                    part.AsSpan((int)(inPart + run.InSlice - inSlice), (int)run.Count).CopyTo(whole[(int)run.InWhole..]);
            }
        }
    }

    /// <summary>Adds what all other ranks have.</summary>
    /// <exception cref="InvalidOperationException">Two ranks have different values of one element.</exception>
    public void Gather(Engine engine, Axis everyone)
    {
        var largest = Largest(engine, everyone, _values);
        var smallest = Largest(engine, everyone, [.. _values.Select(value => value == Unset ? Unset : -value)]);
        for (var i = 0; i < _values.Length; i++)
        {
            if (largest[i] != Unset && largest[i] != -smallest[i])
            {
                var place = _places.Single(range => i >= range.Value.Start.Value && i < range.Value.End.Value);
                throw new InvalidOperationException(
                    $"{place.Key}[{i - place.Value.Start.Value}] is {largest[i]:R} on one rank and {-smallest[i]:R} on another.");
            }
        }

        largest.CopyTo(_values, 0);
    }

    private static double[] Largest(Engine engine, Axis everyone, double[] values)
    {
        using var tensor = engine.Upload<double>(ScalarType.Float64, values, values.Length);
        everyone.AllReduce(tensor, ReduceOp.Max);
        return engine.ReadDoubles(tensor);
    }
}
