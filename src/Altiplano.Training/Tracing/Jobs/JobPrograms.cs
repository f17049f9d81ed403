using Altiplano.Distributed;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>The program of each class of ranks, with the parts that a check compares at hand.</summary>
public sealed class JobPrograms
{
    private readonly Dictionary<(int Class, string Axis), List<ProgramOperation>> _collectives = [];
    private readonly Dictionary<(int Class, string Axis, int Offset, bool IsSend), List<ProgramOperation>> _messages = [];

    public JobPrograms(IReadOnlyList<RankProgram> programs)
    {
        Programs = programs;
        for (var index = 0; index < programs.Count; index++)
        {
            foreach (var operation in programs[index].Operations)
                Add(index, operation);
        }

        Axes = [.. programs.SelectMany(program => program.Operations).Select(operation => operation.Axis).Distinct()];
    }

    public IReadOnlyList<RankProgram> Programs { get; }

    public IReadOnlyList<string> Axes { get; }

    /// <summary>The collectives of a class on an axis, in order.</summary>
    public IReadOnlyList<ProgramOperation> Collectives(int ofClass, string axis) => _collectives.GetValueOrDefault((ofClass, axis)) ?? [];

    /// <summary>What a class sends to, or receives from, the rank so many places on around the group, in order.</summary>
    public IReadOnlyList<ProgramOperation> Messages(int ofClass, string axis, int offset, bool isSend) =>
        _messages.GetValueOrDefault((ofClass, axis, offset, isSend)) ?? [];

    /// <summary>The places, around the group, of the ranks that a class exchanges messages with.</summary>
    public IEnumerable<int> Peers(int ofClass, string axis) =>
        _messages.Keys.Where(key => key.Class == ofClass && key.Axis == axis).Select(key => key.Offset).Distinct();

    private void Add(int index, ProgramOperation operation)
    {
        if (!operation.IsMessage)
        {
            ListOf(_collectives, (index, operation.Axis)).Add(operation);
            return;
        }

        if (operation.SendTo is { } to)
            ListOf(_messages, (index, operation.Axis, to, true)).Add(operation);
        if (operation.ReceiveFrom is { } from)
            ListOf(_messages, (index, operation.Axis, from, false)).Add(operation);
    }

    private static List<ProgramOperation> ListOf<TKey>(Dictionary<TKey, List<ProgramOperation>> lists, TKey key)
        where TKey : notnull =>
        lists.TryGetValue(key, out var list) ? list : lists[key] = [];
}
