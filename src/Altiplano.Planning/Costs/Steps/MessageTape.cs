using Altiplano.Planning.Schedules;

namespace Altiplano.Planning.Costs.Steps;

/// <summary>Messages between pipeline stages: one in each direction is let go when the next is sent; one is received while the action before runs.</summary>
internal sealed class MessageTape(StepShape shape)
{
    private readonly PipelineSchedule _schedule = shape.Schedule;
    private readonly Dictionary<(bool IsForward, int From), Queue<(int MicroBatch, int Chunk)>> _expected = [];
    private readonly HashSet<(bool IsForward, int MicroBatch, int Chunk)> _arriving = [];
    private readonly HashSet<bool> _sending = [];
    private Tape _messages;

    /// <summary>The most bytes at once over a step.</summary>
    public long Peak()
    {
        var actions = _schedule.Ranks[shape.PpRank];
        for (var i = 0; i < actions.Count; i++)
        {
            Take(actions[i]);
            if (i + 1 < actions.Count && DirectionOf(actions[i + 1]) is { } next && next != DirectionOf(actions[i]))
                Expect(actions[i + 1], next);
            Send(actions[i]);
        }

        return _messages.Peak * shape.Residual;
    }

    private static bool? DirectionOf(PipelineAction action) => action.Kind switch
    {
        PipelineActionKind.Forward => true,
        PipelineActionKind.BackwardWeight => null,
        _ => false,
    };

    /// <summary>The pass's input is there and becomes its own.</summary>
    private void Take(PipelineAction action)
    {
        if (DirectionOf(action) is not { } isForward)
            return;
        Expect(action, isForward);
        if (_arriving.Remove((isForward, action.MicroBatch, action.Chunk)))
            _messages.Drop(1);
    }

    /// <summary>Room for an input, and for those that its sender sends before it.</summary>
    private void Expect(PipelineAction action, bool isForward)
    {
        var source = isForward ? _schedule.Previous(shape.PpRank, action.Chunk) : _schedule.Next(shape.PpRank, action.Chunk);
        while (source is { } from && !_arriving.Contains((isForward, action.MicroBatch, action.Chunk)))
        {
            var (microBatch, chunk) = SentBy(from.Rank, isForward).Dequeue();
            _arriving.Add((isForward, microBatch, chunk));
            _messages.Make(1);
        }
    }

    private void Send(PipelineAction action)
    {
        if (DirectionOf(action) is not { } isForward || Target(shape.PpRank, action, isForward) is null)
            return;
        if (!_sending.Add(isForward))
            _messages.Drop(1);
        _messages.Make(1);
    }

    private Queue<(int MicroBatch, int Chunk)> SentBy(int rank, bool isForward)
    {
        if (_expected.TryGetValue((isForward, rank), out var queue))
            return queue;
        var sent = from action in _schedule.Ranks[rank]
                   where DirectionOf(action) == isForward
                   let target = Target(rank, action, isForward)
                   where target?.Rank == shape.PpRank
                   select (action.MicroBatch, target.Value.Chunk);
        return _expected[(isForward, rank)] = new Queue<(int, int)>(sent);
    }

    private (int Rank, int Chunk)? Target(int rank, PipelineAction action, bool isForward) =>
        isForward ? _schedule.Next(rank, action.Chunk) : _schedule.Previous(rank, action.Chunk);
}
