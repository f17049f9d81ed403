using System.Text;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Interchange;

public sealed class GgufFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Open_FileOfLlamaCpp_ReadsItsKeysAndTensors()
    {
        using var file = GgufFile.Open(TestAssets.Require("checkpoints/llama-dense.gguf"));

        file.Metadata.Count.ShouldBe(150);
        file.Metadata.Text("general.architecture").ShouldBe("llama");
        file.Metadata.Integer("llama.embedding_length").ShouldBe(256);
        file.Metadata.Number("llama.attention.layer_norm_rms_epsilon").ShouldBe(1e-5);
        file.Metadata.Flag("llama.attention.causal").ShouldBe(true);
        file.Metadata.Texts("tokenizer.ggml.tokens")!.Count.ShouldBe(128);
        file.Metadata.Integers("llama.rope.dimension_sections").ShouldBe([0, 0, 0, 0]);
        file.Tensors.Weights.Count.ShouldBe(64);
        file.Tensors.Weights.Single(w => w.Name == "blk.1.ffn_up.weight").Shape.ShouldBe([384, 256]);
        file.Tensors.Read("token_embd.weight")[..2].ShouldBe([-0.27836213f, -0.044821825f]);
    }

    [Fact]
    public void Open_EveryMetadataType_IsRead()
    {
        var path = Write(
            [
                Key("u8", 0, [200]), Key("i8", 1, [0xFF]), Key("u16", 2, [1, 2]), Key("i16", 3, [0xFE, 0xFF]),
                Key("u32", 4, U32(1)), Key("i32", 5, U32(uint.MaxValue)), Key("f32", 6, BitConverter.GetBytes(0.1f)),
                Key("bool", 7, [1]), Key("text", 8, Text("ä")), Key("list", 9, [.. U32(8), .. U64(2), .. Text("a"), .. Text("")]),
                Key("u64", 10, U64(1UL << 40)), Key("i64", 11, U64(ulong.MaxValue)),
                Key("f64", 12, BitConverter.GetBytes(0.1)), Key("perlayer", 9, [.. U32(4), .. U64(2), .. U32(3), .. U32(3)]),
            ], []);

        using var file = GgufFile.Open(path);

        var m = file.Metadata;
        new[] { "u8", "i8", "u16", "i16", "u32", "i32", "i64", "perlayer" }.Select(m.Integer)
            .ShouldBe([200, -1, 513, -2, 1, -1, -1, 3]);
        (m.Number("f32"), m.Number("f64"), m.Flag("bool"), m.Text("text")).ShouldBe((0.1, 0.1, true, "ä"));
        m.Texts("list").ShouldBe(["a", ""]);
        m.TryGet("u64", out var big).ShouldBeTrue();
        big.ShouldBe(1UL << 40);
        m.Integer("absent").ShouldBeNull();
        Should.Throw<CheckpointException>(() => m.Integer("text")).Message.ShouldBe(
            $"{path}: text is ä (String), but a whole number of 32 bits is needed.");
    }

    [Fact]
    public void Read_EveryTensorType_GivesNumbers()
    {
        var q8 = new byte[34];
        BitConverter.TryWriteBytes(q8, (Half)2);
        q8[2] = 3;
        var path = Write([], [
            ("f32", [2], 0, [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)]),
            ("f16", [1], 1, BitConverter.GetBytes((Half)0.5)),
            ("q8", [32], 8, q8), ("f64", [1], 28, BitConverter.GetBytes(0.25)), ("bf16", [1], 30, [0x80, 0x3F])]);

        using var file = GgufFile.Open(path);

        file.Tensors.Read("f32").ShouldBe([1.5f, -2f]);
        file.Tensors.Read("f16").ShouldBe([0.5f]);
        file.Tensors.Read("q8")[..2].ShouldBe([6f, 0f]);
        file.Tensors.Read("f64").ShouldBe([0.25f]);
        file.Tensors.Read("bf16").ShouldBe([1f]);
    }

    [Fact]
    public void Read_RangeInsideQ8Blocks_IsThatRange()
    {
        var numbers = Enumerable.Range(0, 96).Select(i => (float)(i - 48)).ToArray();
        var bytes = new byte[3 * 34];
        WeightCodec.Encode(WeightType.Q8_0, numbers, bytes);
        using var file = GgufFile.Open(Write([], [("w", [96], 8, bytes)]));
        var whole = file.Tensors.Read("w");
        for (var first = 0; first < 96; first += 5)
        {
            var part = new float[Math.Min(41, 96 - first)];
            file.Tensors.Read("w", first, part);
            part.ShouldBe(whole[first..(first + part.Length)]);
        }
    }

    [Fact]
    public void Open_QuantisedOtherwise_NamesTheType()
    {
        var path = Write([], [("blk.0.ffn_up.weight", [256], 12, new byte[144])]);

        Should.Throw<CheckpointException>(() => GgufFile.Open(path)).Message.ShouldBe(
            $"{path}: blk.0.ffn_up.weight is Q4_K, which is not read. F32, F16, BF16, F64 and Q8_0 are: export the file anew " +
            "as one of them.");
    }

    [Fact]
    public void Open_DataCutOff_GivesNeededAndFoundBytes()
    {
        var path = Write([], [("w", [64], 0, new byte[256])]);
        using (var file = new FileStream(path, FileMode.Open))
            file.SetLength(file.Length - 1);
        var end = new FileInfo(path).Length + 1;

        Should.Throw<CheckpointException>(() => GgufFile.Open(path)).Message.ShouldBe(
            $"{path}: w takes 256 bytes up to byte {end}, but the file has {end - 1}. Truncated?");
    }

    [Fact]
    public void Open_CutAnywhere_IsAnError()
    {
        var whole = File.ReadAllBytes(Write(
            [Key("list", 9, [.. U32(8), .. U64(2), .. Text("a"), .. Text("bc")]), Key("f", 6, U32(0))],
            [("w", [8], 0, new byte[32])]));
        var path = _folder["cut"];
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Should.Throw<CheckpointException>(() => GgufFile.Open(path)).Message.ShouldStartWith(path);
        }
    }

    [Fact]
    public void Open_AnyByteChanged_IsReadOrRefusedButNeverCrashes()
    {
        var whole = File.ReadAllBytes(Write(
            [Key("list", 9, [.. U32(4), .. U64(2), .. U32(1), .. U32(2)]), Key("f", 6, U32(0))],
            [("v", [32, 1], 8, new byte[34]), ("w", [8], 0, new byte[32])]));
        GgufFile.Open(_folder["hand.gguf"]).Dispose();
        var random = new Random(1);
        var path = _folder["changed"];
        for (var i = 0; i < 2000; i++)
        {
            var bytes = whole.ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, bytes);
            try
            {
                GgufFile.Open(path).Dispose();
            }
            catch (CheckpointException e)
            {
                e.Message.ShouldStartWith(path);
            }
        }
    }

    [Theory]
    [InlineData("GGML", 3, "does not begin as a GGUF file does, with the letters GGUF and 20 bytes more.")]
    [InlineData("GGUF", 1, "is GGUF version 1; versions 2 and 3, little-endian, are read. Convert it with llama.cpp.")]
    public void Open_AnotherFormat_SaysSo(string magic, int version, string expected)
    {
        var path = _folder["x.gguf"];
        File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes(magic), .. U32((uint)version), .. U64(0), .. U64(0)]);

        Should.Throw<CheckpointException>(() => GgufFile.Open(path)).Message.ShouldBe($"{path}: {expected}");
    }

    [Fact]
    public void Open_TensorsThatOverlap_AreRefused()
    {
        var path = Write([], [("a", [8], 0, new byte[32]), ("b", [8], 0, new byte[32])], offsets: [0, 0]);

        Should.Throw<CheckpointException>(() => GgufFile.Open(path)).Message
            .ShouldMatch("b begins at byte [0-9]+, inside the tensor that ends at [0-9]+\\.");
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] U32(uint value) => BitConverter.GetBytes(value);

    private static byte[] U64(ulong value) => BitConverter.GetBytes(value);

    private static byte[] Text(string text) => [.. U64((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Key(string name, uint type, byte[] value) => [.. Text(name), .. U32(type), .. value];

    /// <summary>A GGUF file put together by hand.</summary>
    private string Write(byte[][] keys, (string Name, ulong[] Dims, uint Type, byte[] Data)[] tensors, ulong[]? offsets = null)
    {
        List<byte> head = [.. "GGUF"u8, .. U32(3), .. U64((ulong)tensors.Length), .. U64((ulong)keys.Length)];
        head.AddRange(keys.SelectMany(k => k));
        List<byte> data = [];
        foreach (var (i, tensor) in tensors.Index())
        {
            head.AddRange([.. Text(tensor.Name), .. U32((uint)tensor.Dims.Length), .. tensor.Dims.SelectMany(U64)]);
            head.AddRange(U32(tensor.Type));
            head.AddRange(U64(offsets?[i] ?? (ulong)data.Count));
            data.AddRange(tensor.Data);
            if (i < tensors.Length - 1)
                data.AddRange(new byte[(32 - data.Count % 32) % 32]);
        }

        head.AddRange(new byte[(32 - head.Count % 32) % 32]);
        var path = _folder["hand.gguf"];
        File.WriteAllBytes(path, [.. head, .. data]);
        return path;
    }
}
