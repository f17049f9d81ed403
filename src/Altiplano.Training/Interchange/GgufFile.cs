using System.Collections.Immutable;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>A GGUF file: its metadata and its tensors, under the file's own names and in the file's own order of rows.</summary>
public sealed class GgufFile : IDisposable
{
    private const int MaxDims = 4;

    private readonly StoredWeights _tensors;

    private GgufFile(string path, GgufMetadata metadata, StoredWeights tensors)
    {
        Path = path;
        Metadata = metadata;
        _tensors = tensors;
    }

    public string Path { get; }

    public GgufMetadata Metadata { get; }

    /// <summary>Tensors with names such as <c>blk.0.attn_q.weight</c>; shapes outermost first.</summary>
    public IWeightSource Tensors => _tensors;

    /// <exception cref="CheckpointException">
    /// It is no GGUF file, damaged, or holds a tensor of a type that is not read.
    /// </exception>
    public static GgufFile Open(string path)
    {
        var file = SourceFile.Open(path);
        try
        {
            var cursor = new GgufCursor(file);
            var numTensors = ReadStart(path, file, cursor, out var numKeys);
            var metadata = new GgufMetadata(path);
            for (var i = 0UL; i < numKeys; i++)
                metadata.Add(cursor.Text(), cursor.Value(cursor.UInt32()));
            return new GgufFile(path, metadata, new StoredWeights(path, ReadTensors(file, cursor, metadata, numTensors), [file]));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _tensors.Dispose();

    private static ulong ReadStart(string path, SourceFile file, GgufCursor cursor, out ulong numKeys)
    {
        if (file.Length < 24 || cursor.UInt32() != GgufType.Magic)
            throw new CheckpointException(
                $"{path}: does not begin as a GGUF file does, with the letters GGUF and 20 bytes more.");
        var version = cursor.UInt32();
        if (version is not (2 or GgufType.Version))
            throw new CheckpointException(
                $"{path}: is GGUF version {version}; versions 2 and 3, little-endian, are read. Convert it with llama.cpp.");
        var numTensors = cursor.UInt64();
        numKeys = cursor.UInt64();
        return numTensors;
    }

    private static List<StoredTensor> ReadTensors(SourceFile file, GgufCursor cursor, GgufMetadata metadata, ulong count)
    {
        var alignment = metadata.Integer(GgufType.AlignmentKey) ?? GgufType.DefaultAlignment;
        if (alignment <= 0 || alignment % 8 != 0)
            throw new CheckpointException(
                $"{file.Path}: {GgufType.AlignmentKey} is {alignment}, but it must be a positive multiple of 8.");
        var relative = new List<StoredTensor>();
        for (var i = 0UL; i < count; i++)
            relative.Add(ReadTensor(file, cursor));
        var dataStart = GgufType.Align(cursor.Position, alignment);
        var tensors = relative.ConvertAll(t => t with { Offset = checked(dataStart + t.Offset) });
        CheckPlaces(file, tensors, dataStart, alignment);
        return tensors;
    }

    private static StoredTensor ReadTensor(SourceFile file, GgufCursor cursor)
    {
        var name = cursor.Text();
        var numDims = cursor.UInt32();
        if (numDims is 0 or > MaxDims)
            throw new CheckpointException($"{file.Path}: {name} has {numDims} dims; tensors have 1 to {MaxDims}.");
        var dims = new long[numDims];
        for (var i = 0; i < numDims; i++)
            dims[numDims - 1 - i] = Size(file, name, cursor.UInt64());
        var id = cursor.UInt32();
        var type = GgufType.ToWeightType(id) ?? throw new CheckpointException(
            $"{file.Path}: {name} is {GgufType.NameOf(id)}, which is not read. F32, F16, BF16, F64 and Q8_0 are: export the " +
            "file anew as one of them.");
        if (dims[^1] % type.BlockElements() != 0)
            throw new CheckpointException(
                $"{file.Path}: {name} is {type} with rows of {dims[^1]}, no multiple of {type.BlockElements()}.");
        return new StoredTensor(new WeightInfo(name, type, [.. dims]), file, Size(file, name, cursor.UInt64()));
    }

    private static long Size(SourceFile file, string name, ulong value) => value <= 1UL << 48
        ? (long)value
        : throw new CheckpointException($"{file.Path}: {name} has a dim or an offset of {value:N0}, more than any file holds.");

    private static void CheckPlaces(SourceFile file, List<StoredTensor> tensors, long dataStart, int alignment)
    {
        var names = new HashSet<string>();
        var end = dataStart;
        foreach (var tensor in tensors.OrderBy(t => t.Offset))
        {
            var (info, bytes) = (tensor.Info, BytesOf(file, tensor.Info));
            if (!names.Add(info.Name))
                throw new CheckpointException($"{file.Path}: {info.Name} is there twice.");
            if (tensor.Offset % alignment != 0)
                throw new CheckpointException(
                    $"{file.Path}: {info.Name} begins at byte {tensor.Offset:N0}, no multiple of the alignment, {alignment}.");
            if (tensor.Offset < end)
                throw new CheckpointException(
                    $"{file.Path}: {info.Name} begins at byte {tensor.Offset:N0}, inside the tensor that ends at {end:N0}.");
            end = tensor.Offset + bytes;
            if (end > file.Length)
            {
                throw new CheckpointException(
                    $"{file.Path}: {info.Name} takes {bytes:N0} bytes up to byte {end:N0}, but the file has {file.Length:N0}. " +
                    "Truncated?");
            }
        }
    }

    private static long BytesOf(SourceFile file, WeightInfo info)
    {
        try
        {
            return info.NumBytes;
        }
        catch (OverflowException)
        {
            throw new CheckpointException($"{file.Path}: {info.Name} has shape {info.ShapeText}, more than any file holds.");
        }
    }
}
