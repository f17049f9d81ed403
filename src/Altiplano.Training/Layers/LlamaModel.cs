using System.Collections.Immutable;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;

namespace Altiplano.Training.Layers;

/// <summary>How a model runs, beside its weights.</summary>
/// <param name="NumPositions">Positions that the rotary table has from the start; a longer sequence makes it grow.</param>
/// <param name="HeadChunkRows">Rows whose logits exist at a time.</param>
/// <param name="Routing">What stands for a router's choice on shapes; null for balance.</param>
public sealed record ModelOptions(
    int NumPositions, Recompute Recompute = Recompute.None, int HeadChunkRows = ModelOptions.DefaultHeadChunkRows,
    RoutingAssumption? Routing = null)
{
    public const int DefaultHeadChunkRows = 1024;

    /// <summary>How a run's model runs.</summary>
    public static ModelOptions For(RunSpec run) => new(
        run.Batch.SeqLen, run.Parallel.Recompute.Or(Recompute.None), run.Parallel.HeadChunkRows.Or(DefaultHeadChunkRows));
}

/// <summary>A Llama, dense or a mixture of experts: embedding, decoder layers, final norm, head; of a pipeline, the chunks of this rank.</summary>
public sealed class LlamaModel : IDisposable
{
    private readonly RotaryTable _rotary;

    /// <param name="parameters">The weights; they stay the caller's.</param>
    public LlamaModel(ParameterStore parameters, ModelOptions options)
    {
        Parameters = parameters;
        _rotary = new RotaryTable(parameters.Engine, parameters.Architecture, parameters.ParameterType, options.NumPositions);
        Chunks = [.. parameters.Sharding.ChunksOf(parameters.Architecture).Select(chunk => new ModelChunk(parameters, _rotary, chunk, options))];
    }

    public ParameterStore Parameters { get; }

    /// <summary>In the order of the forward pass; one where there is no pipeline.</summary>
    public ImmutableArray<ModelChunk> Chunks { get; }

    /// <summary>The model of one pipeline stage.</summary>
    /// <exception cref="InvalidOperationException">The model is spread over several.</exception>
    private ModelChunk Whole => Parameters.Sharding.Mesh.Pp.Degree == 1
        ? Chunks[0]
        : throw new InvalidOperationException("The model is spread over pipeline stages: none of them can run all of it.");

    /// <summary>One microbatch forward and backward: adds to every gradient.</summary>
    /// <param name="scale">1 / valid tokens of the whole step, over all microbatches of all ranks.</param>
    /// <returns>Loss of each row in nats, 0 for ignored ones, [R] of f64; the caller disposes it.</returns>
    public Tensor ForwardBackward(PackedBatch batch, double scale)
    {
        var (_, saved) = Whole.Forward(null, batch);
        return Whole.Backward(saved, null, scale, isLast: false).Losses_R!;
    }

    /// <summary>Loss of each row in nats, without gradients, [R] of f64; the caller disposes it.</summary>
    public Tensor Losses(PackedBatch batch) => Losses(Whole, Whole.ForwardOnly(null, batch), batch);

    /// <summary>The same from the output of the last chunk's layers, which is disposed.</summary>
    internal Tensor Losses(ModelChunk last, Tensor y_RD, PackedBatch batch) => last.RunHead(y_RD, (head, x_RD) =>
    {
        var losses_R = Parameters.Engine.Empty(ScalarType.Float64, batch.NumRows);
        head.Forward(losses_R, x_RD, batch);
        return losses_R;
    });

    /// <summary>Logits of every row in the accumulator type, [R, V]; the caller disposes it.</summary>
    public Tensor Logits(PackedBatch batch) => Whole.RunHead(Whole.ForwardOnly(null, batch), (head, x_RD) => head.Logits(x_RD));

    /// <summary>Logits of the last of the given tokens, which come after those that the cache holds.</summary>
    /// <returns>[1, V]; the caller disposes it.</returns>
    public Tensor Extend(Tensor tokens_R, Tensor positions_R, IReadOnlyList<LayerCache> caches) => Whole.Extend(tokens_R, positions_R, caches);

    public void Dispose() => _rotary.Dispose();
}
