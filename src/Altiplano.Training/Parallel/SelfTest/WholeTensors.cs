using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Training.Parallel.SelfTest;

/// <summary>Whole tensors put together from the parts of all ranks, which are threads of this process.</summary>
public sealed class WholeTensors(ParameterTable table)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, double[]> _values = table.ToDictionary(spec => spec.Name, spec => Unset(spec.NumElements));

    /// <summary>Row-major elements by the parameter's name; NaN where no rank had one.</summary>
    public IReadOnlyDictionary<string, double[]> Values => _values;

    /// <summary>Adds what a rank has of every parameter.</summary>
    /// <param name="buffer">The flat buffer to read, of each group.</param>
    /// <exception cref="InvalidOperationException">Two ranks have different values of one element.</exception>
    public void Add(ParameterStore parameters, Func<ParameterGroup, Tensor> buffer)
    {
        foreach (var group in parameters.Groups)
        {
            var part = parameters.Engine.ReadDoubles(buffer(group));
            foreach (var slice in group.Slices)
            {
                var (inPart, inSlice, count) = group.Overlap(slice);
                foreach (var run in slice.Runs(inSlice, count))
                    Put(slice.Parameter.Name, run.InWhole, part.AsSpan((int)(inPart + run.InSlice - inSlice), (int)run.Count));
            }
        }
    }

    private void Put(string name, long start, ReadOnlySpan<double> values)
    {
        lock (_gate)
        {
            var target = _values[name].AsSpan((int)start, values.Length);
            for (var i = 0; i < values.Length; i++)
            {
                if (!double.IsNaN(target[i]) && target[i] != values[i])
                    throw new InvalidOperationException($"{name}[{start + i}] is {target[i]:R} on one rank and {values[i]:R} on another.");
                target[i] = values[i];
            }
        }
    }

    private static double[] Unset(long count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }
}
