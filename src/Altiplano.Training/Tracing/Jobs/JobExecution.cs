namespace Altiplano.Training.Tracing.Jobs;

/// <summary>Runs the programs of all classes against each other as far as they come, and tells who waits for whom where they do not end.</summary>
/// <remarks>
/// A rank starts its operations without waiting, and waits where its program says so: for a collective, until every rank of its group has
/// started it; for a message, until the other rank has started its half (nothing is buffered). That is what a communicator promises, and
/// no less. All ranks of a class stand at one event. A class goes on only when every class that any of its groups has a rank of is far enough:
/// so wherever a class has come, each of its ranks has come in the whole job too, in any order of events, since nothing that a rank
/// does can hinder another. Where the classes all reach their ends, so do all ranks.
/// </remarks>
internal sealed class JobExecution
{
    private readonly JobPrograms _programs;
    private readonly int[] _next;
    private readonly Dictionary<string, int>[] _collectives;
    private readonly Dictionary<(string Axis, int Offset, bool IsSend), int>[] _messages;
    private readonly MatchNumber[][] _numbers;
    private readonly Dictionary<(int Class, string Axis), int> _degrees = [];
    private readonly Dictionary<(int Class, string Axis), HashSet<int>> _together = [];
    private readonly Dictionary<(int Class, string Axis, int Offset), HashSet<int>> _peers = [];

    public JobExecution(JobPrograms programs, IReadOnlyList<GroupPattern> patterns)
    {
        _programs = programs;
        _next = new int[programs.Programs.Count];
        _collectives = [.. programs.Programs.Select(_ => new Dictionary<string, int>())];
        _messages = [.. programs.Programs.Select(_ => new Dictionary<(string, int, bool), int>())];
        _numbers = [.. programs.Programs.Select(NumbersOf)];
        foreach (var pattern in patterns)
            Connect(pattern);
    }

    /// <returns>Null where every rank ends its step, else who waits for whom, each waiting for the next one, the last for the first.</returns>
    public IReadOnlyList<Waiting>? FindDeadlock()
    {
        bool hasMoved;
        do
        {
            hasMoved = false;
            for (var index = 0; index < _next.Length; index++)
            {
                while (TryRun(index))
                    hasMoved = true;
            }
        }
        while (hasMoved);
        var stuck = Enumerable.Range(0, _next.Length).Where(index => !HasEnded(index)).ToList();
        return stuck.Count == 0 ? null : FindCycle(stuck[0]);
    }

    private bool HasEnded(int index) => _next[index] == _programs.Programs[index].Events.Length;

    private bool TryRun(int index)
    {
        if (HasEnded(index))
            return false;
        var program = _programs.Programs[index];
        var next = program.Events[_next[index]];
        if (next.IsWait && Missing(index, next.Operation) is not null)
            return false;
        if (!next.IsWait)
            Start(index, program.Operations[next.Operation]);
        _next[index]++;
        return true;
    }

    private void Start(int index, in ProgramOperation operation)
    {
        if (!operation.IsMessage)
        {
            _collectives[index][operation.Axis] = _collectives[index].GetValueOrDefault(operation.Axis) + 1;
            return;
        }

        if (operation.SendTo is { } to)
            _messages[index][(operation.Axis, to, true)] = _messages[index].GetValueOrDefault((operation.Axis, to, true)) + 1;
        if (operation.ReceiveFrom is { } from)
            _messages[index][(operation.Axis, from, false)] = _messages[index].GetValueOrDefault((operation.Axis, from, false)) + 1;
    }

    /// <summary>A class that has not started what an operation waits for; null where all have.</summary>
    private int? Missing(int index, int operation)
    {
        var (op, number) = (_programs.Programs[index].Operations[operation], _numbers[index][operation]);
        if (!op.IsMessage)
            return First(_together[(index, op.Axis)], other => _collectives[other].GetValueOrDefault(op.Axis) > number.Sent);
        return MissingMessage(index, op.Axis, op.SendTo, isSend: true, number.Sent)
            ?? MissingMessage(index, op.Axis, op.ReceiveFrom, isSend: false, number.Received);
    }

    private int? MissingMessage(int index, string axis, int? offset, bool isSend, int number)
    {
        if (offset is not { } places)
            return null;
        var degree = _degrees[(index, axis)];
        var back = (axis, (degree - places) % degree, !isSend);
        return First(_peers[(index, axis, places)], other => _messages[other].GetValueOrDefault(back) > number);
    }

    private static int? First(HashSet<int> classes, Func<int, bool> hasStarted)
    {
        foreach (var other in classes)
        {
            if (!hasStarted(other))
                return other;
        }

        return null;
    }

    private List<Waiting> FindCycle(int start)
    {
        var (path, seen) = (new List<Waiting>(), new List<int>());
        var index = start;
        while (!seen.Contains(index) && !HasEnded(index))
        {
            seen.Add(index);
            var operation = _programs.Programs[index].Events[_next[index]].Operation;
            var missing = Missing(index, operation)!.Value;
            path.Add(new Waiting(index, _programs.Programs[index].Operations[operation], _numbers[index][operation].Of(_programs.Programs[index].Operations[operation]), missing, HasEnded(missing)));
            index = missing;
        }

        return HasEnded(index) ? path : [.. path.Skip(seen.IndexOf(index))];
    }

    private void Connect(GroupPattern pattern)
    {
        var all = pattern.Classes.ToHashSet();
        foreach (var index in all)
        {
            _degrees[(index, pattern.Axis)] = pattern.Classes.Length;
            SetOf(_together, (index, pattern.Axis)).UnionWith(all);
        }

        for (var i = 0; i < pattern.Classes.Length; i++)
        {
            foreach (var offset in _programs.Peers(pattern.Classes[i], pattern.Axis))
                SetOf(_peers, (pattern.Classes[i], pattern.Axis, offset)).Add(pattern.Classes[(i + offset) % pattern.Classes.Length]);
        }
    }

    private static HashSet<int> SetOf<TKey>(Dictionary<TKey, HashSet<int>> sets, TKey key)
        where TKey : notnull =>
        sets.TryGetValue(key, out var set) ? set : sets[key] = [];

    private static MatchNumber[] NumbersOf(RankProgram program)
    {
        var counts = new Dictionary<(string Axis, int? Offset, bool IsSend), int>();
        return
        [
            .. program.Operations.Select(op => op.IsMessage
                ? new MatchNumber(op.SendTo is { } to ? Next((op.Axis, to, true)) : 0, op.ReceiveFrom is { } from ? Next((op.Axis, from, false)) : 0)
                : new MatchNumber(Next((op.Axis, null, true)), 0)),
        ];

        int Next((string, int?, bool) key)
        {
            var number = counts.GetValueOrDefault(key);
            counts[key] = number + 1;
            return number;
        }
    }

    /// <summary>An operation's number among those that it is matched by.</summary>
    /// <param name="Sent">Among the collectives of its axis, or among the messages to one rank.</param>
    /// <param name="Received">Among the messages from one rank.</param>
    private readonly record struct MatchNumber(int Sent, int Received)
    {
        public int Of(in ProgramOperation operation) => operation is { IsMessage: true, SendTo: null } ? Received : Sent;
    }
}

/// <summary>A class of ranks that does not come on.</summary>
/// <param name="Class">Its index.</param>
/// <param name="Operation">What it waits in.</param>
/// <param name="Number">The operation's number on its axis, or among the messages of its kind with one rank.</param>
/// <param name="For">The class that has not started it.</param>
/// <param name="IsOver">True where that one never will: its step is over.</param>
public sealed record Waiting(int Class, ProgramOperation Operation, int Number, int For, bool IsOver);
