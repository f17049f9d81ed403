using System.Text.Json;
using Altiplano.Tests.Training.Interchange;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Tests.Training.Checkpoints;

/// <summary>A small checkpoint's content, its bytes drawn from the step.</summary>
internal static class TestContent
{
    public static readonly IReadOnlyList<WeightInfo> Weights =
    [
        new("model.norm.weight", WeightType.BF16, [3]), new("lm_head.weight", WeightType.F64, [2, 5]),
        new("empty", WeightType.F32, [0, 4]),
    ];

    private static readonly IReadOnlyList<WeightInfo> State =
        [new("exp_avg.lm_head.weight", WeightType.F32, [2, 5]), new("exp_avg_sq.lm_head.weight", WeightType.F32, [2, 5])];

    public static CheckpointContent At(long step, TensorFill? fill = null) => new()
    {
        Step = step,
        TokensSeen = step * 4096,
        Threads = 2,
        Architecture = TinyModel.Config().ToJson(),
        Config = "model: tiny\n",
        Counters = new Dictionary<string, long> { ["loader/sample"] = step * 8, ["dropout"] = 3 },
        Weights = [.. Weights.Select(TensorSlice.All)],
        OptimizerState = [.. State.Select(TensorSlice.All)],
        Fill = fill ?? ((name, firstByte, destination) => FillFrom(step, name, firstByte, destination)),
    };

    /// <summary>A tensor of so many bytes instead of the small ones.</summary>
    public static CheckpointContent OfBytes(long step, long bytes) => At(step) with
    {
        Weights = [TensorSlice.All(new WeightInfo("w", WeightType.U8, [bytes]))],
        OptimizerState = [],
    };

    /// <summary>The first bytes of a tensor of that step.</summary>
    public static byte[] Bytes(long step, string name, int count)
    {
        var random = new Random((int)step * 1000 + name.Length);
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void FillFrom(long step, string name, long firstByte, Span<byte> destination) =>
        Bytes(step, name, (int)firstByte + destination.Length).AsSpan((int)firstByte).CopyTo(destination);
}
