using Altiplano.Planning.Simulation;

namespace Altiplano.Tests.Planning.Simulation;

public sealed class EventQueueTests
{
    [Fact]
    public void Take_EventsOfOneInstant_ComeInTheOrderTheyWereAdded()
    {
        var queue = new EventQueue();
        MachineEvent[] added = [.. Enumerable.Range(0, 100).Select(i => (MachineEvent)(i * 7 % 4))];
        foreach (var happening in added)
            queue.Add(5, happening);
        queue.Add(4, MachineEvent.ReplicaBack);

        queue.NextTime.ShouldBe(4);
        queue.Take().ShouldBe(MachineEvent.ReplicaBack);
        added.Select(_ => queue.Take()).ToArray().ShouldBe(added);
        queue.NextTime.ShouldBe(double.PositiveInfinity);
    }
}
