using System.Buffers.Binary;
using System.Text;

namespace Altiplano.Tests.Training.Loop.Metrics;

/// <summary>An event of a TensorBoard file, decoded without any of the writer's code.</summary>
internal sealed record BoardEvent(double WallTime, long Step, string? FileVersion, bool IsSessionStart, IReadOnlyDictionary<string, float> Scalars);

internal static class EventFileReader
{
    public static IReadOnlyList<BoardEvent> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var events = new List<BoardEvent>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            Verify(bytes.AsSpan(at, 8), bytes.AsSpan(at + 8, 4));
            var data = bytes.AsSpan(at + 12, length);
            Verify(data, bytes.AsSpan(at + 12 + length, 4));
            events.Add(Event(data.ToArray()));
            at += length + 16;
        }

        return events;
    }

    private static void Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> stored)
    {
        var crc = Crc32C(data);
        BinaryPrimitives.ReadUInt32LittleEndian(stored).ShouldBe(unchecked((crc >> 15 | crc << 17) + 0xa282ead8u));
    }

    /// <summary>The checksum bit by bit, from the polynomial 0x1EDC6F41 reflected.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = 0xffffffffu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
        }

        return ~crc;
    }

    private static BoardEvent Event(byte[] data)
    {
        var fields = Fields(data);
        var summary = fields.Where(f => f.Number == 5).SelectMany(f => Fields(f.Bytes)).Select(f => Fields(f.Bytes));
        return new BoardEvent(
            BitConverter.ToDouble(fields.First(f => f.Number == 1).Bytes),
            fields.FirstOrDefault(f => f.Number == 2).Value,
            fields.Where(f => f.Number == 3).Select(f => Encoding.UTF8.GetString(f.Bytes)).FirstOrDefault(),
            fields.Where(f => f.Number == 7).Any(f => Fields(f.Bytes) is [(1, 1, _)]),
            summary.ToDictionary(
                value => Encoding.UTF8.GetString(value.Single(f => f.Number == 1).Bytes),
                value => BitConverter.ToSingle(value.Single(f => f.Number == 2).Bytes)));
    }

    private static List<(int Number, long Value, byte[] Bytes)> Fields(byte[] data)
    {
        var fields = new List<(int, long, byte[])>();
        for (var at = 0; at < data.Length;)
        {
            var key = Varint(data, ref at);
            var value = (key & 7) is 0 or 2 ? Varint(data, ref at) : 0;
            var length = (key & 7) switch { 0 => 0, 1 => 8, 2 => (int)value, 5 => 4, var wire => throw new InvalidDataException($"wire type {wire}") };
            fields.Add(((int)(key >> 3), value, data[at..(at + length)]));
            at += length;
        }

        return fields;
    }

    private static long Varint(byte[] data, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            value |= (long)(data[at] & 0x7f) << shift;
            if ((data[at++] & 0x80) == 0)
                return value;
        }
    }
}
