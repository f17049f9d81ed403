using System.Buffers.Binary;
using System.Text;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Tests.Training.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void OpenFile_Stories_ReadsItsTensors()
    {
        using var source = Safetensors.OpenFile(TestAssets.Require("checkpoints/stories260k-hf/model.safetensors"));

        source.Weights.Sum(w => w.NumElements).ShouldBe(260_032);
        source.Weights.ShouldAllBe(w => w.Type == WeightType.F32);
        var embedding = new float[3];
        source.Read("model.embed_tokens.weight", embedding);
        embedding.ShouldAllBe(v => v != 0 && MathF.Abs(v) < 10);
    }

    [Fact]
    public void Read_Range_IsThatPartInEveryPrecision()
    {
        var path = Write("""{"w":{"dtype":"F64","shape":[2,3],"data_offsets":[0,48]}}""", Doubles(1, 2, 3, 4, 5, 6));
        using var source = Safetensors.OpenFile(path);
        var (floats, doubles) = (new float[3], new double[2]);

        source.Read("w", 2, floats);
        source.Read("w", 4, doubles);

        floats.ShouldBe([3, 4, 5]);
        doubles.ShouldBe([5, 6]);
    }

    [Theory]
    [InlineData(
        """{"w":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}""",
        "w has dtype F4, which is not read. F64, F32, F16, BF16 and integers are.")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""",
        "w lies at bytes 0 to 12, but the file has 8 bytes of data. Truncated?")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", "w has 8 bytes; F32 [1] takes 4.")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "w has shape [-2]; no tensor can have that.")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[9000000000,9000000000],"data_offsets":[0,8]}}""",
        "w has shape [9000000000, 9000000000]; no tensor can have that.")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        "has 70 bytes, but its last tensor ends at 66. Is something appended?")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        "b begins at data byte 0, but the tensor before it ends at 4: they overlap.")]
    [InlineData(
        """{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        "b begins at data byte 4, but the tensor before it ends at 0: there is a hole.")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}""",
        "a has 1 data_offsets; a begin and an end are needed.")]
    public void OpenFile_HeaderThatBreaksARule_NamesTensorAndBytes(string header, string expected)
    {
        var path = Write(header, new byte[8]);

        Should.Throw<CheckpointException>(() => Safetensors.OpenFile(path)).Message.ShouldBe($"{path}: {expected}");
    }

    [Theory]
    [InlineData("""{"w":{"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":{"dtype":"F32","shape":[0.5],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""")]
    [InlineData("[1]")]
    [InlineData("{")]
    public void OpenFile_MalformedHeader_SaysItIsNotTheFormat(string header)
    {
        var path = Write(header, new byte[8]);

        Should.Throw<CheckpointException>(() => Safetensors.OpenFile(path)).Message
            .ShouldStartWith($"{path}: the safetensors header of {header.Length} bytes is not as the format says: ");
    }

    [Fact]
    public void OpenFile_CutAnywhere_IsAnError()
    {
        var whole = File.ReadAllBytes(Write("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]));
        var path = _folder["cut"];
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Should.Throw<CheckpointException>(() => Safetensors.OpenFile(path)).Message.ShouldStartWith(path);
        }
    }

    [Fact]
    public void OpenFile_HeaderLongerThanTheFile_GivesBothLengths()
    {
        var path = _folder["x"];
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, 1000);
        File.WriteAllBytes(path, bytes);

        Should.Throw<CheckpointException>(() => Safetensors.OpenFile(path)).Message.ShouldBe(
            $"{path}: announces a header of 1,000 bytes, but 8 bytes follow (and 100,000,000 is the format's limit). " +
            "Truncated, or no safetensors file?");
    }

    [Fact]
    public void OpenFolder_IndexThatIsWrong_ListsAllOfIt()
    {
        const string Header = """{"NAME":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        File.Move(Write(Header.Replace("NAME", "a", StringComparison.Ordinal), new byte[8]), _folder["one.safetensors"]);
        File.Move(Write(Header.Replace("NAME", "b", StringComparison.Ordinal), new byte[8]), _folder["two.safetensors"]);
        var index = _folder.Write(
            Safetensors.IndexFile, """{"weight_map":{"a":"two.safetensors","c":"one.safetensors"}}""");

        Should.Throw<CheckpointException>(() => Safetensors.OpenFolder(_folder.Root)).Message.ShouldBe(
            $"{index}: does not describe its files: a is in one.safetensors, the index says two.safetensors; b is in " +
            "two.safetensors, " +
            "the index says nothing of it; c is missing from one.safetensors.");
    }

    [Fact]
    public void OpenFolder_IndexThatLeavesTheFolder_IsRefused()
    {
        var index = _folder.Write(Safetensors.IndexFile, """{"weight_map":{"a":"../x.safetensors"}}""");

        Should.Throw<CheckpointException>(() => Safetensors.OpenFolder(_folder.Root)).Message
            .ShouldBe($"{index}: places a in '../x.safetensors', which is no plain file name.");
    }

    [Fact]
    public void OpenFolder_Nothing_SaysWhatIsMissing() =>
        Should.Throw<CheckpointException>(() => Safetensors.OpenFolder(_folder.Root)).Message
            .ShouldBe($"{_folder.Root}: has neither model.safetensors nor model.safetensors.index.json.");

    [Fact]
    public void Read_UnknownOrTooMuch_IsAnError()
    {
        var path = Write("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]);
        using var source = Safetensors.OpenFile(path);

        Should.Throw<CheckpointException>(() => source.Read("v", new float[1])).Message.ShouldBe(
            $"{path}: has no tensor v; it has 1 others.");
        Should.Throw<CheckpointException>(() => source.Read("w", 1, new float[2])).Message
            .ShouldBe($"{path}: w has 2 elements [2]; 1 to 3 were asked for.");
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Doubles(params double[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private string Write(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var path = _folder[Safetensors.SingleFile];
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)json.Length), .. json, .. data]);
        return path;
    }
}
