using Altiplano.Distributed;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>A rank that tells of the groups it is put in and does nothing else.</summary>
internal sealed class GroupListener(string axis, int rank, RankGroup members, Action<string, RankGroup> listener) : ICommunicator
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
