using Altiplano.Distributed;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>The groups that every rank of a job makes: the real mesh of each rank, made with nobody else there.</summary>
public sealed class JobGroups
{
    private readonly Dictionary<string, int[]> _groupOfRank = [];
    private readonly Dictionary<string, List<RankGroup>> _groups = [];

    /// <summary>By axis; each group once.</summary>
    public IReadOnlyDictionary<string, List<RankGroup>> ByAxis => _groups;

    public static JobGroups Of(MeshShape shape)
    {
        var groups = new JobGroups();
        var found = new Dictionary<(string Axis, RankGroup Members), int>();
        var everyone = RankGroup.All(shape.World);
        for (var rank = 0; rank < shape.World; rank++)
        {
            foreach (var (axis, members) in OfRank(shape, rank, everyone))
                groups.Add(axis, members, rank, shape.World, found);
        }

        return groups;
    }

    /// <summary>The groups of one rank, in the order in which its mesh makes them.</summary>
    public static IReadOnlyList<(string Axis, RankGroup Members)> OfRank(MeshShape shape, int rank) => OfRank(shape, rank, RankGroup.All(shape.World));

    /// <summary>The group of a rank on an axis; null where it has none.</summary>
    public RankGroup? Of(string axis, int rank) =>
        _groupOfRank.TryGetValue(axis, out var groups) && groups[rank] >= 0 ? _groups[axis][groups[rank]] : null;

    /// <summary>Groups that their members do not agree on.</summary>
    public IEnumerable<string> FindProblems()
    {
        foreach (var (axis, groups) in _groups)
        {
            var counts = new int[groups.Count];
            foreach (var group in _groupOfRank[axis].Where(group => group >= 0))
                counts[group]++;
            for (var i = 0; i < counts.Length; i++)
            {
                if (counts[i] != groups[i].Count)
                    yield return $"The group of axis {axis} is {groups[i]}, but only {counts[i]} of its {groups[i].Count} ranks make it.";
            }
        }
    }

    private static List<(string Axis, RankGroup Members)> OfRank(MeshShape shape, int rank, RankGroup everyone)
    {
        var groups = new List<(string, RankGroup)>();
        using var mesh = new DeviceMesh(shape, new GroupListener("world", rank, everyone, (axis, members) => groups.Add((axis, members))));
        return groups;
    }

    private void Add(string axis, RankGroup members, int rank, int world, Dictionary<(string, RankGroup), int> found)
    {
        if (!_groups.TryGetValue(axis, out var groups))
        {
            _groups[axis] = groups = [];
            _groupOfRank[axis] = new int[world];
            Array.Fill(_groupOfRank[axis], -1);
        }

        if (!found.TryGetValue((axis, members), out var index))
        {
            found[(axis, members)] = index = groups.Count;
            groups.Add(members);
        }

        _groupOfRank[axis][rank] = index;
    }
}
