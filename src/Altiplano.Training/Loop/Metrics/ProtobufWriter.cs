using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Altiplano.Training.Loop.Metrics;

/// <summary>The few kinds of protocol-buffer fields that an event file needs.</summary>
/// <remarks>Source: protobuf.dev, "Encoding": a field is (number &lt;&lt; 3 | wire type), then its value.</remarks>
internal sealed class ProtobufWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public ProtobufWriter Varint(int field, long value)
    {
        Raw((uint)field << 3);
        Raw((ulong)value);
        return this;
    }

    public ProtobufWriter Double(int field, double value)
    {
        Raw((uint)field << 3 | 1);
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    public ProtobufWriter Float(int field, float value)
    {
        Raw((uint)field << 3 | 5);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public ProtobufWriter Text(int field, string value) => Block(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Message(int field, ProtobufWriter message) => Block(field, message.Written);

    private ProtobufWriter Block(int field, ReadOnlySpan<byte> bytes)
    {
        Raw((uint)field << 3 | 2);
        Raw((ulong)bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    private void Raw(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Write([(byte)(value | 0x80)]);
        _bytes.Write([(byte)value]);
    }
}
