using System.Text.Json.Serialization;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Layers;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop;

/// <summary>What a rank keeps of one parameter: a box of the tensor, then a row-major range of that box, as a checkpoint's manifest has them.</summary>
/// <param name="Box">First and end index along each dim.</param>
/// <param name="Range">First and end element inside the box.</param>
public sealed record RankShard(string Parameter, IReadOnlyList<IReadOnlyList<long>> Box, IReadOnlyList<long> Range)
{
    /// <summary>The dims that the box is cut from where they are not the tensor's: see <see cref="TensorSlice.Dims"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<long>? Dims { get; init; }

    internal static RankShard Of(TensorSlice slice) => new(
        slice.Whole.Name, [.. slice.Start.Select((start, dim) => (IReadOnlyList<long>)[start, start + slice.Shape[dim]])],
        [slice.First, slice.First + slice.Count])
    {
        Dims = slice.Dims.SequenceEqual(slice.Whole.Shape) ? null : slice.Dims,
    };
}

/// <summary>What a rank has of one flat buffer of parameters.</summary>
/// <param name="Name">The block, with what sets its parameters apart behind it.</param>
/// <param name="Elements">Of the parameters that this rank computes with.</param>
/// <param name="KeptFirst">The first of them that it keeps and updates; all of them where it keeps only filling.</param>
/// <param name="KeptElements">How many it keeps, filling left out.</param>
/// <param name="StateBytes">Weights, master weights where they are separate, gradients and both moments, as they lie between steps.</param>
public sealed record RankBuffer(
    string Name, long Elements, long KeptFirst, long KeptElements, long StateBytes, IReadOnlyList<RankShard> Shards)
{
    internal static RankBuffer Of(ParameterGroup group, Sharding sharding, AdamW optimizer)
    {
        var state = group.Weights.NumBytes * (sharding.KeepsWeights ? sharding.NumParts : 1)
            + group.Gradients.NumBytes * (sharding.KeepsGradients ? sharding.NumParts : 1) + (group.HasSeparateMaster ? group.Master.NumBytes : 0)
            + optimizer.FirstMoments(group).NumBytes + optimizer.SecondMoments(group).NumBytes;
        List<RankShard> shards = [.. ShardsOf(group)];
        return new RankBuffer(
            group.Name, group.Slices.Sum(slice => slice.NumElements), FirstOf(group), shards.Sum(shard => shard.Range[1] - shard.Range[0]), state, shards);
    }

    private static IEnumerable<RankShard> ShardsOf(ParameterGroup parameters) =>
        from slice in parameters.Slices
        let kept = parameters.Kept(slice, new WeightInfo(slice.Parameter.Name, parameters.Weights.Type.ToWeightType(), slice.Parameter.Shape))
        where kept.Count > 0
        select RankShard.Of(kept);

    private static long FirstOf(ParameterGroup group)
    {
        var before = 0L;
        foreach (var slice in group.Slices)
        {
            if (group.Overlap(slice) is { Count: > 0 } part)
                return before + part.InSlice;
            before += slice.NumElements;
        }

        return before;
    }
}
