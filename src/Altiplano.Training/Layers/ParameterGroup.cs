using System.Collections.Immutable;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>
/// The parameters of one block that lie on the mesh alike and are decayed alike, in flat buffers: one optimizer call, one collective.
/// </summary>
/// <remarks>
/// The buffers hold this rank's slices of the parameters; of them it keeps the part that the sharding gives it, [P / parts].
/// </remarks>
public sealed class ParameterGroup : IDisposable
{
    private readonly Dictionary<string, long> _offsets = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Sharding _sharding;
    private readonly long _length;
    private readonly FlatWeights _weights;
    private readonly FlatGradients? _gradients;

    /// <param name="parameterType">Element type of the weights that layers read.</param>
    /// <param name="withGradients">False for inference: no gradients, no separate master weights.</param>
    internal ParameterGroup(
        Engine engine, string name, ImmutableArray<ParameterSlice> slices, ScalarType parameterType, bool withGradients, Sharding sharding)
    {
        (Name, Slices, _sharding) = (name, slices, sharding);
        foreach (var slice in slices)
        {
            _offsets[slice.Parameter.Name] = _length;
            _length += slice.NumElements;
        }

        _weights = new FlatWeights(engine, name, parameterType, _length, sharding);
        var master = parameterType.Accumulator();
        using var scope = engine.Allocating(MemoryPart.Optimizer);
        Master = withGradients && master != parameterType ? engine.Zeros(master, Weights.NumElements) : Weights;
        _gradients = withGradients ? new FlatGradients(engine, name, master, _length, sharding, IsReplicatedOverTp) : null;
    }

    /// <summary>The block, for example <c>layers.3</c>, with <c>/norms</c>, <c>/router</c> or <c>/experts</c> behind it for these.</summary>
    public string Name { get; }

    public ImmutableArray<ParameterSlice> Slices { get; }
    public bool IsDecayed => Slices[0].Parameter.IsDecayed;

    /// <summary>True for routed experts: other ranks of ep have others.</summary>
    public bool IsOfExperts => Slices[0].Parameter.IsExpert;

    /// <summary>True where every tp rank has the same weights, which it applies to the rows that it has.</summary>
    public bool IsReplicatedOverTp => ParameterLayout.Of(Slices[0].Parameter).Placement == Placement.Replicated;

    /// <summary>True where an earlier pipeline stage has the same weights: they count there.</summary>
    public bool IsReplica => _sharding.IsReplica(Slices[0].Parameter);

    /// <summary>[P / parts] in the parameter type.</summary>
    public Tensor Weights => _weights.Part;

    /// <summary>
    /// [P / parts] in the accumulator type: what the optimizer updates. The same tensor as <see cref="Weights"/> when the
    /// types agree.
    /// </summary>
    public Tensor Master { get; }

    /// <summary>True when layers read a rounded copy of what the optimizer updates.</summary>
    public bool HasSeparateMaster => Master != Weights;

    /// <summary>[P / parts] in the accumulator type.</summary>
    /// <exception cref="InvalidOperationException">The store was made without gradients.</exception>
    public Tensor Gradients =>
        (_gradients ?? throw new InvalidOperationException("These parameters were loaded without gradients.")).Part;

    public bool Contains(string parameter) => _offsets.ContainsKey(parameter);

    public ParameterSlice SliceOf(string parameter) => Slices.Single(slice => slice.Parameter.Name == parameter);

    /// <summary>Rounds the master weights into the weights that layers read, on all ranks.</summary>
    public void RefreshWeights()
    {
        StartRefresh();
        CompleteRefresh();
    }

    /// <summary>Starts it; the other ranks' weights come behind what is computed next.</summary>
    internal void StartRefresh()
    {
        if (HasSeparateMaster)
            Weights.Engine.Copy(Weights, Master);
        _weights.StartShare();
    }

    internal void CompleteRefresh() => _weights.Complete();

    /// <summary>What <see cref="Overlap"/> gives, in pieces of at most so many elements.</summary>
    public IEnumerable<(long InPart, long InSlice, int Count)> Pieces(ParameterSlice slice, int maxElements)
    {
        var (inPart, inSlice, count) = Overlap(slice);
        for (var done = 0L; done < count; done += maxElements)
            yield return (inPart + done, inSlice + done, (int)Math.Min(maxElements, count - done));
    }

    /// <summary>What of a parameter lies in this rank's part: first element in the part, first in the slice, and how many.</summary>
    public (long InPart, long InSlice, long Count) Overlap(ParameterSlice slice)
    {
        var (offset, start) = (_offsets[slice.Parameter.Name], _sharding.PartStart(_length));
        var first = Math.Max(offset, start);
        var end = Math.Min(offset + slice.NumElements, start + _sharding.PartLength(_length));
        return end <= first ? (0, 0, 0) : (first - start, first - offset, end - first);
    }

    /// <summary>What this rank keeps of a parameter, as a checkpoint knows it.</summary>
    /// <param name="tensor">The whole of what is stored for the parameter.</param>
    internal TensorSlice Kept(ParameterSlice slice, WeightInfo tensor)
    {
        var (_, first, count) = Overlap(slice);
        var placement = ParameterLayout.Of(slice.Parameter).Placement;
        if (placement is not { Dim: { } dim, Blocks: var blocks and > 1 } || slice.Shape[dim] == tensor.Shape[dim])
            return new TensorSlice(tensor, slice.Start, slice.Shape, first, count);
        return new TensorSlice(tensor, slice.Start.Insert(dim, 0), InBlocks(slice.Shape), first, count) { Dims = InBlocks(tensor.Shape) };

        ImmutableArray<long> InBlocks(ImmutableArray<long> shape) => shape.SetItem(dim, shape[dim] / blocks).Insert(dim, blocks);
    }

    /// <summary>
    /// The flat part of <paramref name="buffer"/> that belongs to a parameter, [elements]; the caller disposes it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The parameter is spread over ranks.</exception>
    public Tensor Part(Tensor buffer, ParameterSpec spec)
    {
        var (inPart, _, count) = Overlap(SliceOf(spec.Name));
        if (count != spec.NumElements)
            throw new InvalidOperationException($"{spec.Name} is spread over ranks: this one has {count} of {spec.NumElements} elements.");
        return buffer.Rows(inPart, count);
    }

    /// <summary>Neighbouring matrices of equal width as one, [sum of rows, width], or one parameter as it is.</summary>
    internal Parameter View(IReadOnlyList<string> names)
    {
        var slices = names.Select(SliceOf).ToList();
        var start = _offsets[names[0]];
        long[] shape = slices.Count == 1 ? [.. slices[0].Shape] : [slices.Sum(s => s.Shape[0]), slices[0].Shape[1]];
        var parameter = new Parameter(_weights.View(start, shape), _gradients?.View(start, shape));
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Starts to fetch the weights that other ranks keep.</summary>
    internal void StartGather() => _weights.StartGather();

    /// <summary>Returns when all weights are here.</summary>
    internal void Gather() => _weights.Gather();

    internal void Release() => _weights.Release();

    internal void OpenGradients() => _gradients?.Open();

    /// <summary>A microbatch's gradients are there: starts to sum them over the ranks, where that is due.</summary>
    /// <param name="isLast">True for the step's last microbatch.</param>
    internal void StartReduce(bool isLast)
    {
        if (_gradients?.StartReduce(isLast) == true)
            _parameters.ForEach(parameter => parameter.HasGradient = false);
    }

    /// <summary>Waits for the sum over one axis and starts that over the next.</summary>
    /// <returns>True while there is a next one.</returns>
    internal bool ContinueReduce() => _gradients?.ContinueReduce() == true;

    internal void FinishGradients() => _gradients?.Finish();

    internal void ForgetGradients()
    {
        _gradients?.Forget();
        _parameters.ForEach(parameter => parameter.HasGradient = false);
    }

    public void Dispose()
    {
        if (HasSeparateMaster)
            Master.Dispose();
        _weights.Dispose();
        _gradients?.Dispose();
    }
}
