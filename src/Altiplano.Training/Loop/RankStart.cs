using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Distributed.Recording;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Layers;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop;

/// <summary>A group of ranks along one axis, and this rank's place in it.</summary>
/// <param name="First">World rank of the first; the others follow <paramref name="Stride"/> apart.</param>
public sealed record RankAxis(string Axis, int Place, int Degree, int First, int Stride);

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

/// <summary>Samples of one microbatch.</summary>
public sealed record SampleRange(long First, int Count);

/// <summary>
/// What a rank is and has when a run starts, found without memory or other ranks: the trainer saves it as <c>ranks/rank-00003.json</c>, and
/// a dry run of that rank says the same.
/// </summary>
public sealed record RankStart
{
    public required int Rank { get; init; }

    /// <summary>The identity of the mesh, as <see cref="MeshShape.ToString"/> writes it.</summary>
    public required string Mesh { get; init; }

    /// <summary>The axes with more than one rank, outer to inner; then ep, which lies across dp_shard x cp.</summary>
    public required IReadOnlyList<RankAxis> Groups { get; init; }

    /// <summary>Elements of the parameters that this rank computes with.</summary>
    public required long NumParameters { get; init; }

    /// <summary>Elements that it keeps and updates.</summary>
    public required long NumKeptParameters { get; init; }

    /// <summary>Weights, master weights where they are separate, gradients and both moments, as they lie between steps.</summary>
    public required long StateBytes { get; init; }

    /// <summary>Microbatches of the first step.</summary>
    public required IReadOnlyList<SampleRange> Samples { get; init; }

    /// <summary>In the order of the flat groups.</summary>
    public required IReadOnlyList<RankShard> Shards { get; init; }

    /// <summary>Looks at one rank of a run in which every choice is made.</summary>
    public static RankStart Of(RunConfig config, int rank)
    {
        var (spec, shape) = (config.Spec, config.Mesh);
        var engine = new Engine(Device.Shape);
        using var world = RecordingCommunicator.Alone(rank, shape.World, _ => { });
        using var mesh = new DeviceMesh(shape, world);
        using var parameters = new ParameterStore(
            engine, spec.Model.Architecture, spec.Precision.ToScalarType(), withGradients: true, config.Sharding(mesh));
        using var optimizer = new AdamW(parameters, config.Optimizer);
        var shards = parameters.Groups.SelectMany(ShardsOf).ToList();
        return new RankStart
        {
            Rank = rank,
            Mesh = shape.ToString(),
            Groups = GroupsOf(shape, rank),
            NumParameters = parameters.Groups.Sum(group => group.Slices.Sum(slice => slice.NumElements)),
            NumKeptParameters = shards.Sum(shard => shard.Range[1] - shard.Range[0]),
            StateBytes = engine.LiveBytes,
            Samples = [.. config.SamplesOf(step: 0, mesh).Select(samples => new SampleRange(samples.First, samples.Count))],
            Shards = shards,
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, RankStartJson.Default.RankStart);

    private static IEnumerable<RankShard> ShardsOf(ParameterGroup parameters) =>
        from slice in parameters.Slices
        let kept = parameters.Kept(slice, new WeightInfo(slice.Parameter.Name, parameters.Weights.Type.ToWeightType(), slice.Parameter.Shape))
        where kept.Count > 0
        select RankShard.Of(kept);

    private static List<RankAxis> GroupsOf(MeshShape mesh, int rank)
    {
        var stride = 1;
        var groups = new List<RankAxis>();
        if (mesh.Ep > 1)
            groups.Add(AxisOf("ep", mesh.Ep, mesh.Tp));
        foreach (var (axis, degree) in new[]
        {
            ("tp", mesh.Tp), ("cp", mesh.Cp), ("dp_shard", mesh.DpShard), ("dp_replicate", mesh.DpReplicate), ("pp", mesh.Pp),
        })
        {
            if (degree > 1)
                groups.Insert(0, AxisOf(axis, degree, stride));
            stride *= degree;
        }

        return groups;

        RankAxis AxisOf(string axis, int degree, int distance)
        {
            var place = rank / distance % degree;
            return new RankAxis(axis, place, degree, rank - place * distance, distance);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RankStart))]
internal sealed partial class RankStartJson : JsonSerializerContext;
