using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>Builds the head of a GGUF file, version 3: everything before the first tensor's bytes.</summary>
internal sealed class GgufWriter
{
    private readonly ArrayBufferWriter<byte> _head = new();

    /// <param name="tensors">In the order of their bytes; each begins at the next multiple of the alignment.</param>
    /// <returns>The head, padded to the alignment.</returns>
    public static byte[] BuildHead(GgufMetadata metadata, IReadOnlyList<WeightInfo> tensors)
    {
        var writer = new GgufWriter();
        writer.UInt32(GgufType.Magic);
        writer.UInt32(GgufType.Version);
        writer.UInt64((ulong)tensors.Count);
        writer.UInt64((ulong)metadata.Count);
        foreach (var (key, value) in metadata.Entries)
        {
            writer.Text(key);
            writer.UInt32(TypeOf(value.GetType()));
            writer.Value(value);
        }

        var offset = 0L;
        foreach (var tensor in tensors)
        {
            writer.Tensor(tensor, offset);
            offset = PaddedEnd(offset, tensor);
        }

        var head = new byte[GgufType.Align(writer._head.WrittenCount, GgufType.DefaultAlignment)];
        writer._head.WrittenSpan.CopyTo(head);
        return head;
    }

    /// <summary>Where the tensor after this one begins.</summary>
    public static long PaddedEnd(long offset, WeightInfo tensor) =>
        GgufType.Align(offset + tensor.NumBytes, GgufType.DefaultAlignment);

    private void Tensor(WeightInfo tensor, long offset)
    {
        Text(tensor.Name);
        UInt32((uint)tensor.Shape.Length);
        foreach (var size in tensor.Shape.Reverse())
            UInt64((ulong)size);
        UInt32(GgufType.IdOf(tensor.Type));
        UInt64((ulong)offset);
    }

    private void Value(object value)
    {
        switch (value)
        {
            case uint number:
                UInt32(number);
                break;
            case int number:
                UInt32((uint)number);
                break;
            case float number:
                UInt32(BitConverter.SingleToUInt32Bits(number));
                break;
            case double number:
                UInt64(BitConverter.DoubleToUInt64Bits(number));
                break;
            case bool flag:
                _head.Write([flag ? (byte)1 : (byte)0]);
                break;
            case string text:
                Text(text);
                break;
            case Array items:
                UInt32(TypeOf(items.GetType().GetElementType()!));
                UInt64((ulong)items.Length);
                foreach (var item in items)
                    Value(item);
                break;
        }
    }

    private static uint TypeOf(Type type) => type switch
    {
        _ when type == typeof(uint) => 4,
        _ when type == typeof(int) => 5,
        _ when type == typeof(float) => 6,
        _ when type == typeof(bool) => 7,
        _ when type == typeof(string) => 8,
        _ when type.IsArray => 9,
        _ when type == typeof(double) => 12,
        _ => throw new ArgumentException($"no metadata of type {type} is written", nameof(type)),
    };

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        UInt64((ulong)bytes.Length);
        _head.Write(bytes);
    }

    private void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_head.GetSpan(sizeof(uint)), value);
        _head.Advance(sizeof(uint));
    }

    private void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_head.GetSpan(sizeof(ulong)), value);
        _head.Advance(sizeof(ulong));
    }
}
