using Altiplano.Planning.Schedules;
using Altiplano.Torch;

namespace Altiplano.Training.Parallel;

/// <summary>What passes between pipeline ranks in one direction: activations up, or gradients down.</summary>
/// <remarks>
/// Messages between two ranks arrive in the order in which they were sent, which the sender's schedule tells; one that is not wanted yet
/// is kept.
/// </remarks>
/// <param name="room">Makes the tensor for a microbatch.</param>
internal sealed class PipelineMail(Axis axis, PipelineSchedule schedule, bool isForward, Func<int, Tensor> room)
{
    private readonly Dictionary<int, Queue<(int MicroBatch, int Chunk)>> _expected = [];
    private readonly Dictionary<(int MicroBatch, int Chunk), (Tensor Input, TensorPending Receiving)> _arriving = [];
    private readonly List<TensorPending> _sending = [];

    /// <summary>Sends a chunk's result to where it is needed; nowhere when it is the last in this direction.</summary>
    /// <param name="result">Owned by the mail from here on; null when it is the last.</param>
    public void Send(Tensor? result, PipelineAction action)
    {
        if (result is null || Target(axis.Rank, action) is not { } target)
            return;
        _sending.RemoveAll(HasLeft);
        result.Engine.Reassign(result, MemoryPart.Messages);
        _sending.Add(axis.StartSend(result, target.Rank));
    }

    /// <summary>Starts to receive an action's input, unless that has begun or it has none.</summary>
    public void Expect(PipelineAction action)
    {
        if (Source(action) is not { } from)
            return;
        while (!_arriving.ContainsKey((action.MicroBatch, action.Chunk)))
        {
            var next = ExpectedFrom(from).Dequeue();
            var input = room(next.MicroBatch);
            _arriving.Add(next, (input, axis.StartReceive(input, from)));
        }
    }

    /// <summary>Waits for an action's input.</summary>
    /// <returns>The input, which the caller disposes; null for the first chunk in this direction.</returns>
    public Tensor? Receive(PipelineAction action)
    {
        Expect(action);
        if (!_arriving.Remove((action.MicroBatch, action.Chunk), out var message))
            return null;
        message.Receiving.Wait();
        message.Input.Engine.Reassign(message.Input, MemoryPart.Working);
        return message.Input;
    }

    /// <summary>Waits until all that was sent has left.</summary>
    public void Complete()
    {
        _sending.ForEach(sending => sending.Wait());
        _sending.Clear();
    }

    private static bool HasLeft(TensorPending sending)
    {
        if (!sending.IsCompleted)
            return false;
        sending.Wait();
        return true;
    }

    private Queue<(int MicroBatch, int Chunk)> ExpectedFrom(int rank)
    {
        if (_expected.TryGetValue(rank, out var queue))
            return queue;
        var messages =
            from action in schedule.Ranks[rank]
            where action.Kind is not PipelineActionKind.BackwardWeight && action.Kind == PipelineActionKind.Forward == isForward
            let target = Target(rank, action)
            where target?.Rank == axis.Rank
            select (action.MicroBatch, target.Value.Chunk);
        return _expected[rank] = new Queue<(int, int)>(messages);
    }

    private int? Source(PipelineAction action) =>
        (isForward ? schedule.Previous(axis.Rank, action.Chunk) : schedule.Next(axis.Rank, action.Chunk))?.Rank;

    private (int Rank, int Chunk)? Target(int rank, PipelineAction action) =>
        isForward ? schedule.Next(rank, action.Chunk) : schedule.Previous(rank, action.Chunk);
}
