using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace Altiplano.Training.Checkpoints;

/// <summary>The header of a safetensors file: a length, then JSON that places every tensor in the bytes that follow.</summary>
internal static class SafetensorsHeader
{
    private const int PrefixBytes = sizeof(ulong);

    /// <summary>The format's own limit, in bytes.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>
    /// The order in which tensors are laid out: larger elements first, so that each is aligned to its size; else as given.
    /// </summary>
    public static IReadOnlyList<T> InFileOrder<T>(IEnumerable<T> weights, Func<T, WeightType> typeOf) =>
        [.. weights.OrderByDescending(weight => typeOf(weight).BlockBytes())];

    /// <summary>The bytes before the first tensor, padded with spaces to a multiple of 8.</summary>
    /// <param name="weights">In file order.</param>
    public static byte[] Build(IReadOnlyList<WeightInfo> weights)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            writer.WriteEndObject();
            var offset = 0L;
            foreach (var weight in weights)
                WriteEntry(writer, weight, ref offset);
            writer.WriteEndObject();
        }

        var length = (json.WrittenCount + 7) / 8 * 8;
        var header = new byte[PrefixBytes + length];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        json.WrittenSpan.CopyTo(header.AsSpan(PrefixBytes));
        header.AsSpan(PrefixBytes + json.WrittenCount).Fill((byte)' ');
        return header;
    }

    /// <summary>Every tensor of the file, in the order of their bytes.</summary>
    /// <exception cref="CheckpointException">
    /// The header breaks a rule of the format, or the file's size is not what it says.
    /// </exception>
    public static IReadOnlyList<StoredTensor> Read(SourceFile file)
    {
        var length = ReadLength(file);
        var json = new byte[length];
        file.Read(PrefixBytes, json);
        var tensors = new List<StoredTensor>();
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException("the header is no JSON object");
            foreach (var entry in document.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
                tensors.Add(ReadEntry(file, entry, PrefixBytes + length));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CheckpointException(
                $"{file.Path}: the safetensors header of {length:N0} bytes is not as the format says: {e.Message}", e);
        }

        tensors.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Info.NumBytes.CompareTo(b.Info.NumBytes));
        CheckCoverage(file, tensors, PrefixBytes + length);
        return tensors;
    }

    private static void WriteEntry(Utf8JsonWriter writer, WeightInfo weight, ref long offset)
    {
        writer.WriteStartObject(weight.Name);
        writer.WriteString("dtype", weight.Type.SafetensorsName());
        writer.WriteStartArray("shape");
        foreach (var size in weight.Shape)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(offset);
        writer.WriteNumberValue(offset += weight.NumBytes);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static long ReadLength(SourceFile file)
    {
        if (file.Length < PrefixBytes)
            throw new CheckpointException(
                $"{file.Path}: has {file.Length:N0} bytes; a safetensors file begins with a length of {PrefixBytes} bytes.");
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        file.Read(0, prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)(file.Length - PrefixBytes) || length > MaxHeaderBytes)
        {
            throw new CheckpointException(
                $"{file.Path}: announces a header of {length:N0} bytes, but {file.Length - PrefixBytes:N0} bytes follow " +
                $"(and {MaxHeaderBytes:N0} is the format's limit). Truncated, or no safetensors file?");
        }

        return (long)length;
    }

    private static StoredTensor ReadEntry(SourceFile file, JsonProperty entry, long dataStart)
    {
        var dtype = entry.Value.GetProperty("dtype").GetString();
        var type = WeightTypes.FromSafetensorsName(dtype) ?? throw new CheckpointException(
            $"{file.Path}: {entry.Name} has dtype {dtype}, which is not read. F64, F32, F16, BF16 and integers are.");
        ImmutableArray<long> shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
        var offsets = entry.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
            throw new CheckpointException(
                $"{file.Path}: {entry.Name} has {offsets.GetArrayLength()} data_offsets; a begin and an end are needed.");
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        var info = new WeightInfo(entry.Name, type, shape);
        if (begin < 0 || end < begin || end > file.Length - dataStart)
        {
            throw new CheckpointException(
                $"{file.Path}: {info.Name} lies at bytes {begin:N0} to {end:N0}, but the file has {file.Length - dataStart:N0} " +
                "bytes of data. Truncated?");
        }

        var expected = ExpectedBytes(file, info);
        if (end - begin != expected)
            throw new CheckpointException(
                $"{file.Path}: {info.Name} has {end - begin:N0} bytes; {type} {info.ShapeText} takes {expected:N0}.");
        return new StoredTensor(info, file, dataStart + begin);
    }

    private static long ExpectedBytes(SourceFile file, WeightInfo info)
    {
        try
        {
            if (info.Shape.All(size => size >= 0))
                return info.NumBytes;
        }
        catch (OverflowException)
        {
            // Said below, with the shape.
        }

        throw new CheckpointException($"{file.Path}: {info.Name} has shape {info.ShapeText}; no tensor can have that.");
    }

    /// <summary>The tensors must cover the data without overlap, hole or rest.</summary>
    private static void CheckCoverage(SourceFile file, List<StoredTensor> tensors, long dataStart)
    {
        var position = dataStart;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != position)
            {
                var fault = tensor.Offset < position ? "they overlap" : "there is a hole";
                throw new CheckpointException(
                    $"{file.Path}: {tensor.Info.Name} begins at data byte {tensor.Offset - dataStart:N0}, but the tensor " +
                    $"before it ends at {position - dataStart:N0}: {fault}.");
            }

            position += tensor.Info.NumBytes;
        }

        if (position != file.Length)
        {
            throw new CheckpointException(
                $"{file.Path}: has {file.Length:N0} bytes, but its last tensor ends at {position:N0}. Is something appended?");
        }
    }
}
