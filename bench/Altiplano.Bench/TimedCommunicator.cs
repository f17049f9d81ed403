using System.Diagnostics;
using Altiplano.Distributed;

namespace Altiplano.Bench;

/// <summary>Tells a profile how long each wait for another communicator's operations takes.</summary>
internal sealed class TimedCommunicator(ICommunicator inner, CollectiveProfile profile) : ICommunicator
{
    public string Axis => inner.Axis;

    public int Rank => inner.Rank;

    public RankGroup Members => inner.Members;

    public Pending Start(in Collective collective) => new TimedPending(inner.Start(collective), this, collective);

    public void Run(in Collective collective)
    {
        var started = Stopwatch.GetTimestamp();
        inner.Run(collective);
        profile.Add(Axis, collective, isAwaited: true, started);
    }

    public ICommunicator Group(string axis, RankGroup members) => new TimedCommunicator(inner.Group(axis, members), profile);

    public void Dispose() => inner.Dispose();

    private sealed class TimedPending(Pending inner, TimedCommunicator owner, Collective collective) : Pending
    {
        public override bool IsCompleted => inner.IsCompleted;

        public override void Wait()
        {
            var started = Stopwatch.GetTimestamp();
            inner.Wait();
            owner.Add(collective, started);
        }
    }

    private void Add(in Collective collective, long started) => profile.Add(Axis, collective, isAwaited: false, started);
}
