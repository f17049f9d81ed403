namespace Altiplano.Training.Checkpoints;

/// <summary>Tensors put together from the slices that one or more ranks wrote.</summary>
internal sealed class SlicedWeights : IWeightSource
{
    private readonly Dictionary<string, IReadOnlyList<(TensorSlice Slice, Lazy<IWeightSource> File)>> _tensors = [];
    private readonly Dictionary<string, Lazy<IWeightSource>> _files = [];

    /// <param name="folder">Of the checkpoint.</param>
    /// <param name="tensors">Whose slices cover them.</param>
    /// <param name="stored">What the manifest says of each file.</param>
    public SlicedWeights(string folder, IEnumerable<TensorRecord> tensors, ILookup<string, WeightInfo> stored)
    {
        Origin = folder;
        foreach (var tensor in tensors)
        {
            var info = tensor.ToInfo();
            _tensors.Add(info.Name, [.. tensor.Slices.Select(slice => (slice.ToSlice(info)!, FileOf(slice.File, stored)))]);
        }

        Weights = [.. _tensors.Values.Select(slices => slices[0].Slice.Whole)];
    }

    public string Origin { get; }

    public IReadOnlyList<WeightInfo> Weights { get; }

    public void Read(string name, long firstElement, Span<float> destination) =>
        Read(name, firstElement, destination, (file, first, part) => file.Read(name, first, part));

    public void Read(string name, long firstElement, Span<double> destination) =>
        Read(name, firstElement, destination, (file, first, part) => file.Read(name, first, part));

    public void Dispose()
    {
        foreach (var file in _files.Values.Where(file => file.IsValueCreated))
            file.Value.Dispose();
    }

    private void Read<T>(string name, long firstElement, Span<T> destination, Action<IWeightSource, long, Span<T>> read)
    {
        var found = 0L;
        foreach (var (run, file) in RunsOf(name, firstElement, destination.Length))
        {
            read(file.Value, run.InSlice, destination.Slice((int)(run.InWhole - firstElement), (int)run.Count));
            found += run.Count;
        }

        Require(found == destination.Length, name, firstElement, destination.Length);
    }

    private IEnumerable<((long InWhole, long InSlice, long Count) Run, Lazy<IWeightSource> File)> RunsOf(string name, long first, long count) =>
        from part in _tensors.TryGetValue(name, out var slices)
            ? slices
            : throw new CheckpointException($"{Origin}: has no tensor {name}; it has {_tensors.Count} others.")
        from run in part.Slice.Overlap(first, count)
        select (run, part.File);

    private Lazy<IWeightSource> FileOf(string name, ILookup<string, WeightInfo> stored)
    {
        if (!_files.TryGetValue(name, out var file))
            _files[name] = file = new Lazy<IWeightSource>(() => Open(name, stored[name]));
        return file;
    }

    private IWeightSource Open(string name, IEnumerable<WeightInfo> expected)
    {
        var opened = Safetensors.OpenFile(Path.Combine(Origin, name));
        var problems = CheckpointVerification.Compare(Origin, name, expected, opened).ToList();
        if (problems.Count == 0)
            return opened;
        opened.Dispose();
        throw new CheckpointException(string.Join(Environment.NewLine, problems));
    }

    private void Require(bool isComplete, string name, long first, long count)
    {
        if (!isComplete)
        {
            throw new CheckpointException(
                $"{Origin}: {name} has {_tensors[name][0].Slice.Whole.NumElements:N0} elements {_tensors[name][0].Slice.Whole.ShapeText}; " +
                $"{first:N0} to {first + count:N0} were asked for, and its slices do not hold them all once.");
        }
    }
}
