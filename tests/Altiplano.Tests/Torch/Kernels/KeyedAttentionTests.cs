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
            var sums = engine.KeyedAttention(keyed, q, k, v, Pieces);
            engine.KeyedAttentionBackward(pieces.Q, pieces.K, pieces.V, dOutput, q, k, v, keyed, sums, Pieces);

            foreach (var (actual, expected) in new[] { (keyed, output), (pieces.Q, whole.Q), (pieces.K, whole.K), (pieces.V, whole.V) })
            {
                var difference = HostValues.Read(engine, actual).Zip(HostValues.Read(engine, expected), (a, b) => Math.Abs(a - b)).Max();
                difference.ShouldBeLessThan(tolerance);
            }

            foreach (var part in (Tensor[])[.. logSumExp, .. sums])
                part.Dispose();
        }
    }

    [Fact]
    public void KeyedAttention_PieceBeyondTheKeys_IsRefused()
    {
        var engine = new Engine(Device.Shape);
        var (q, k) = (engine.Empty(ScalarType.Float32, 4, Heads, HeadDim), engine.Empty(ScalarType.Float32, 6, KeyHeads, HeadDim));

        Should.Throw<ShapeException>(() => engine.KeyedAttention(engine.Empty(ScalarType.Float32, q.Shape), q, k, k, [new QueryPiece(0, 4, 3, 4)]))
            .Message.ShouldBe(
                "keyed_attention: QueryPiece { Start = 0, Length = 4, KeyStart = 3, KeyLength = 4, Before = 0 } fits neither row 0, " +
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
