using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests.Torch.Kernels;

/// <summary>Pieces of documents against gathered keys: what attention inside whole documents gives.</summary>
public sealed class KeyedAttentionTests
{
    private const int Rows = 24;
    private const int Heads = 4;
    private const int KeyHeads = 2;
    private const int HeadDim = 8;

    private static readonly Segment[] Documents = [new(0, 5), new(5, 13), new(18, 6)];

    /// <summary>Cut at rows 8 and 16: a whole document, three pieces of one, one piece of another and its rest.</summary>
    private static readonly QueryPiece[] Pieces =
        [new(0, 5, 0, 5), new(5, 3, 5, 3), new(8, 8, 5, 11), new(16, 2, 5, 13), new(18, 6, 18, 6)];

    private readonly KernelPair _pair = new();

    [Theory]
    [InlineData(ScalarType.Float32, 3e-6)]
    [InlineData(ScalarType.Float64, 1e-14)]
    public void KeyedAttention_PiecesOfDocuments_AreTheDocuments(ScalarType type, double tolerance)
    {
        foreach (var engine in _pair.Engines)
        {
            using var data = new KernelOperands(engine, type, seed: 5);
            var (q, k, v) = (data.Of(Rows, Heads, HeadDim), data.Of(Rows, KeyHeads, HeadDim), data.Of(Rows, KeyHeads, HeadDim));
            var dOutput = data.Of(Rows, Heads, HeadDim);
            var (whole, pieces) = (Gradients(engine, data), Gradients(engine, data));
            var (output, keyed) = (data.Empty(Rows, Heads, HeadDim), data.Empty(Rows, Heads, HeadDim));

            var logSumExp = engine.Attention(output, q, k, v, Documents);
            engine.AttentionBackward(whole.Q, whole.K, whole.V, dOutput, q, k, v, output, logSumExp, Documents);
            var sums = data.Empty(Heads, Rows);
            engine.KeyedAttention(keyed, sums, q, k, v, Pieces);
            engine.KeyedAttentionBackward(pieces.Q, pieces.K, pieces.V, dOutput, q, k, v, keyed, sums, Pieces);

            foreach (var (actual, expected) in new[] { (keyed, output), (pieces.Q, whole.Q), (pieces.K, whole.K), (pieces.V, whole.V) })
            {
                var difference = HostValues.Read(engine, actual).Zip(HostValues.Read(engine, expected), (a, b) => Math.Abs(a - b)).Max();
                difference.ShouldBeLessThan(tolerance);
            }

            foreach (var part in logSumExp)
                part.Dispose();
        }
    }

    /// <summary>The keys of rows 8 to 15 first, then those of the others: what they give is put together.</summary>
    [Theory]
    [InlineData(ScalarType.Float32, 3e-6)]
    [InlineData(ScalarType.Float64, 1e-14)]
    public void KeyedAttention_KeysInTwoParts_AreAllKeys(ScalarType type, double tolerance)
    {
        QueryPiece[] first = [new(0, 5, 0, 5), new(5, 3, 5, 3), new(8, 8, 8, 8), new(16, 2, 16, 2), new(18, 6, 18, 6)];
        QueryPiece[] second = [new(8, 8, 5, 3, IsCausal: false), new(16, 2, 5, 11, IsCausal: false)];
        foreach (var engine in _pair.Engines)
        {
            using var data = new KernelOperands(engine, type, seed: 5);
            var (q, k, v) = (data.Of(Rows, Heads, HeadDim), data.Of(Rows, KeyHeads, HeadDim), data.Of(Rows, KeyHeads, HeadDim));
            var dOutput = data.Of(Rows, Heads, HeadDim);
            var (whole, parts) = (Gradients(engine, data), Gradients(engine, data));
            var (output, joined, sums, joinedSums) =
                (data.Empty(Rows, Heads, HeadDim), data.Empty(Rows, Heads, HeadDim), data.Empty(Heads, Rows), data.Empty(Heads, Rows));

            engine.KeyedAttention(output, sums, q, k, v, Pieces);
            engine.KeyedAttentionBackward(whole.Q, whole.K, whole.V, dOutput, q, k, v, output, sums, Pieces);
            engine.KeyedAttention(joined, joinedSums, q, k, v, first);
            engine.KeyedAttention(joined, joinedSums, q, k, v, second, accumulate: true);
            engine.KeyedAttentionBackward(parts.Q, parts.K, parts.V, dOutput, q, k, v, joined, joinedSums, first);
            engine.KeyedAttentionBackward(parts.Q, parts.K, parts.V, dOutput, q, k, v, joined, joinedSums, second, accumulate: true);

            foreach (var (actual, expected) in new[]
            {
                (joined, output), (joinedSums, sums), (parts.Q, whole.Q), (parts.K, whole.K), (parts.V, whole.V),
            })
            {
                var difference = HostValues.Read(engine, actual).Zip(HostValues.Read(engine, expected), (a, b) => Math.Abs(a - b)).Max();
                difference.ShouldBeLessThan(tolerance);
            }
        }
    }

    [Fact]
    public void KeyedAttention_PieceBeyondTheKeys_IsRefused()
    {
        var engine = new Engine(Device.Shape);
        var (q, k) = (engine.Empty(ScalarType.Float32, 4, Heads, HeadDim), engine.Empty(ScalarType.Float32, 6, KeyHeads, HeadDim));

        var (output, sums) = (engine.Empty(ScalarType.Float32, q.Shape), engine.Empty(ScalarType.Float32, Heads, 4));

        Should.Throw<ShapeException>(() => engine.KeyedAttention(output, sums, q, k, k, [new QueryPiece(0, 4, 3, 4)]))
            .Message.ShouldBe(
                "keyed_attention: QueryPiece { Start = 0, Length = 4, KeyStart = 3, KeyLength = 4, IsCausal = True, Before = 0 } fits neither row 0, " +
                "which is next, nor the 6 keys.");
    }

    /// <summary>Zeros: keyed attention adds to the gradients of keys and values.</summary>
    private static (Tensor Q, Tensor K, Tensor V) Gradients(Engine engine, KernelOperands data)
    {
        var (q, k, v) = (data.Empty(Rows, Heads, HeadDim), data.Empty(Rows, KeyHeads, HeadDim), data.Empty(Rows, KeyHeads, HeadDim));
        foreach (var tensor in new[] { q, k, v })
            engine.Zero(tensor);
        return (q, k, v);
    }
}
