using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Distributed;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Parallel;
using Altiplano.Training.Tracing;
using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Training.Loop;

/// <summary>A group of ranks that communicate, and this rank's place in it.</summary>
/// <param name="First">World rank of the first; the others follow <paramref name="Stride"/> apart.</param>
public sealed record RankAxis(string Axis, int Place, int Degree, int First, int Stride)
{
    /// <summary>The group's world ranks.</summary>
    [JsonIgnore]
    public RankGroup Members => RankGroup.Strided(First, Degree, Stride);

    internal static RankAxis Of(string axis, RankGroup members, int rank) =>
        new(axis, members.IndexOf(rank), members.Count, members[0], members.Count > 1 ? members[1] - members[0] : 1);
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

    /// <summary>In the order in which the rank's mesh makes them; axes of one rank have none.</summary>
    public required IReadOnlyList<RankAxis> Groups { get; init; }

    /// <summary>Elements of the parameters that this rank computes with.</summary>
    public required long NumParameters { get; init; }

    /// <summary>Elements that it keeps and updates.</summary>
    public required long NumKeptParameters { get; init; }

    /// <summary>Weights, master weights where they are separate, gradients and both moments, as they lie between steps.</summary>
    public required long StateBytes { get; init; }

    /// <summary>Microbatches of the first step.</summary>
    public required IReadOnlyList<SampleRange> Samples { get; init; }

    /// <summary>The flat groups of parameters, in order.</summary>
    public required IReadOnlyList<RankBuffer> Buffers { get; init; }

    /// <summary>What it keeps, of all buffers.</summary>
    [JsonIgnore]
    public IEnumerable<RankShard> Shards => Buffers.SelectMany(buffer => buffer.Shards);

    /// <summary>Looks at one rank of a run in which every choice is made.</summary>
    public static RankStart Of(RunConfig config, int rank) => Of(StepSetting.Of(config), rank);

    public static RankStart Of(StepSetting setting, int rank)
    {
        var shape = setting.Layout.Mesh;
        using var shapes = new ShapeRank(setting, rank);
        var (parameters, optimizer) = (shapes.Parameters, shapes.Optimizer);
        List<RankBuffer> buffers =
            [.. parameters.Groups.Select(group => RankBuffer.Of(group, parameters.Sharding.Of(group.Slices[0].Parameter), optimizer))];
        return new RankStart
        {
            Rank = rank,
            Mesh = shape.ToString(),
            Groups = [.. JobGroups.OfRank(shape, rank).Select(group => RankAxis.Of(group.Axis, group.Members, rank))],
            NumParameters = buffers.Sum(buffer => buffer.Elements),
            NumKeptParameters = buffers.Sum(buffer => buffer.KeptElements),
            StateBytes = shapes.StateBytes,
            Samples = [.. setting.SamplesOf(step: 0, shapes.Mesh).Select(samples => new SampleRange(samples.First, samples.Count))],
            Buffers = buffers,
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, RankStartJson.Default.RankStart);

    /// <summary>The same as a value of a larger document.</summary>
    public void Write(Utf8JsonWriter json) => JsonSerializer.Serialize(json, this, RankStartJson.Default.RankStart);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RankStart))]
internal sealed partial class RankStartJson : JsonSerializerContext;
