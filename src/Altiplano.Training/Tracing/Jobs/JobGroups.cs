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
            var current = rank;
            using var mesh = new DeviceMesh(shape, new GroupListener("world", rank, everyone, (axis, members) => groups.Add(axis, members, current, shape.World, found)));
        }

        return groups;
    }

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

    /// <summary>A rank that tells of the groups it is put in and does nothing else.</summary>
    private sealed class GroupListener(string axis, int rank, RankGroup members, Action<string, RankGroup> listener) : ICommunicator
    {
        public string Axis => axis;

        public int Rank => rank;

        public RankGroup Members => members;

        public Pending Start(in Collective collective) => Pending.Completed;

        public ICommunicator Group(string axis, RankGroup places)
        {
            var group = Members.Select(places);
            listener(axis, group);
            return new GroupListener(axis, places.IndexOf(Rank), group, (_, _) => { });
        }

        public void Dispose() { }
    }
}
