using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Distributed.Recording;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop;

/// <summary>A group of ranks along one axis, and this rank's place in it.</summary>
/// <param name="First">World rank of the first; the others follow <paramref name="Stride"/> apart.</param>
public sealed record RankAxis(string Axis, int Place, int Degree, int First, int Stride);

/// <summary>What a rank keeps of one parameter: a box of the tensor, then a row-major range of that box.</summary>
/// <param name="Box">First and end index along each dim.</param>
/// <param name="Range">First and end element inside the box.</param>
public sealed record RankShard(string Parameter, IReadOnlyList<IReadOnlyList<long>> Box, IReadOnlyList<long> Range);

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

    /// <summary>The axes with more than one rank, outer to inner.</summary>
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
        let part = parameters.Overlap(slice)
        where part.Count > 0
        select new RankShard(
            slice.Parameter.Name,
            [.. slice.Start.Select((start, dim) => (IReadOnlyList<long>)[start, start + slice.Shape[dim]])],
            [part.InSlice, part.InSlice + part.Count]);

    private static List<RankAxis> GroupsOf(MeshShape mesh, int rank)
    {
        var stride = 1;
        var groups = new List<RankAxis>();
        foreach (var (axis, degree) in new[]
        {
            ("tp", mesh.Tp), ("cp", mesh.Cp), ("dp_shard", mesh.DpShard), ("dp_replicate", mesh.DpReplicate), ("pp", mesh.Pp),
        })
        {
            var place = rank / stride % degree;
            if (degree > 1)
                groups.Insert(0, new RankAxis(axis, place, degree, rank - place * stride, stride));
            stride *= degree;
        }

        return groups;
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RankStart))]
internal sealed partial class RankStartJson : JsonSerializerContext;
