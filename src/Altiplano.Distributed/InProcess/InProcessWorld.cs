using System.Runtime.ExceptionServices;

namespace Altiplano.Distributed.InProcess;

/// <summary>Ranks that are threads of one process.</summary>
public sealed class InProcessWorld
{
    private readonly Lock _gate = new();
    private readonly List<InProcessGroup> _groups = [];
    private readonly Dictionary<(int Parent, int Call, int First), InProcessGroup> _named = [];
    private CollectiveException? _failure;

    private InProcessWorld(CommunicatorOptions options) => Options = options;

    internal CommunicatorOptions Options { get; }

    /// <summary>Runs the body once a rank, each on a thread of its own, and returns when all have ended.</summary>
    /// <param name="ranks">Size of the world.</param>
    /// <param name="body">Gets the rank's communicator of the whole world, axis "world".</param>
    /// <param name="options">Deadline and names; the defaults when null.</param>
    /// <remarks>
    /// When a rank throws, every other rank that waits for it, or begins to, throws too; the first exception is rethrown here,
    /// after the last thread has ended.
    /// </remarks>
    public static void Run(int ranks, Action<ICommunicator> body, CommunicatorOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        var world = new InProcessWorld(options ?? new CommunicatorOptions());
        var group = world.AddGroup("world", RankGroup.All(ranks));
        ExceptionDispatchInfo? first = null;
        var threads = Enumerable.Range(0, ranks).Select(rank => new Thread(() => RunRank(rank)) { Name = $"rank {rank}" }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        first?.Throw();

        void RunRank(int rank)
        {
            try
            {
                using var communicator = new InProcessCommunicator(group, rank);
                body(communicator);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(exception), null);
                world.Fail(new CollectiveException($"Rank {rank} ended: {exception.Message}"));
            }
        }
    }

    /// <summary>The group that a group's <paramref name="call"/>-th split made, by its first rank; the first caller makes it.</summary>
    internal InProcessGroup FindGroup(InProcessGroup parent, int call, string axis, RankGroup members)
    {
        lock (_gate)
        {
            var key = (parent.Id, call, members[0]);
            if (!_named.TryGetValue(key, out var group))
                _named[key] = group = NewGroup(axis, parent.Members.Select(members));
            if (group.Members.Count != members.Count)
                throw new CollectiveException(
                    $"The group of axis {axis} with first rank {members[0]} has {members.Count} ranks here " +
                    $"and {group.Members.Count} on another rank.");
            return group;
        }
    }

    /// <summary>Ends every operation in flight, and every later one, with this failure; the first to fail stays.</summary>
    internal void Fail(CollectiveException failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
            foreach (var group in _groups)
                group.Fail(_failure);
        }
    }

    private InProcessGroup AddGroup(string axis, RankGroup members)
    {
        lock (_gate)
            return NewGroup(axis, members);
    }

    private InProcessGroup NewGroup(string axis, RankGroup members)
    {
        var group = new InProcessGroup(this, _groups.Count, axis, members);
        _groups.Add(group);
        if (_failure is not null)
            group.Fail(_failure);
        return group;
    }
}
