using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Layers;

/// <summary>The weights of a live model as a source for exports, and the way to load them from any other source.</summary>
public sealed class ModelWeights(ParameterStore parameters) : IWeightSource
{
    private const int PieceElements = 1 << 22;

    public string Origin => "the model in memory";

    public IReadOnlyList<WeightInfo> Weights { get; } =
        [.. parameters.Table.Select(spec => new WeightInfo(spec.Name, parameters.ParameterType.ToWeightType(), spec.Shape))];

    public void Read(string name, long firstElement, Span<float> destination)
    {
        using var source = Range(name, firstElement, destination.Length);
        using var rounded = parameters.Engine.Empty(ScalarType.Float32, destination.Length);
        parameters.Engine.Copy(rounded, source);
        parameters.Engine.Download(destination, rounded);
    }

    public void Read(string name, long firstElement, Span<double> destination)
    {
        using var source = Range(name, firstElement, destination.Length);
        using var exact = parameters.Engine.Empty(ScalarType.Float64, destination.Length);
        parameters.Engine.Copy(exact, source);
        parameters.Engine.Download(destination, exact);
    }

    /// <summary>The weights stay their owner's.</summary>
    public void Dispose()
    {
    }

    /// <summary>Copies every parameter from a source, rounding to the model's types.</summary>
    public static void Load(ParameterStore parameters, IWeightSource source)
    {
        foreach (var group in parameters.Groups)
        {
            foreach (var slice in group.Slices)
                LoadPart(parameters.Engine, group, group.Master, slice, source, slice.Parameter.Name);
            group.RefreshWeights();
        }
    }

    /// <summary>Copies what this rank has of one tensor of a source into a parameter's part of a flat buffer.</summary>
    /// <param name="name">The tensor's name in the source.</param>
    public static void LoadPart(
        Engine engine, ParameterGroup group, Tensor buffer, ParameterSlice slice, IWeightSource source, string name)
    {
        foreach (var piece in group.Pieces(slice, PieceElements))
        {
            var values = new double[piece.Count];
            foreach (var run in slice.Runs(piece.InSlice, piece.Count))
                source.Read(name, run.InWhole, values.AsSpan((int)(run.InSlice - piece.InSlice), (int)run.Count));
            using var exact = engine.Upload<double>(ScalarType.Float64, values, values.Length);
            using var target = buffer.Rows(piece.InPart, piece.Count);
            engine.Copy(target, exact);
        }
    }

    private Tensor Range(string name, long first, int count)
    {
        var group = parameters.GroupOf(name);
        using var part = group.Part(group.Weights, group.SliceOf(name).Parameter);
        return part.Rows(first, count);
    }
}
