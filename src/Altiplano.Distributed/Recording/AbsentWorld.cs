namespace Altiplano.Distributed.Recording;

/// <summary>A rank whose every operation is done at once, without a look at the memory.</summary>
internal sealed class AbsentWorld(string axis, int rank, RankGroup members) : ICommunicator
{
    public string Axis => axis;

    public int Rank { get; } = rank >= 0 && rank < members.Count
        ? rank
        : throw new ArgumentOutOfRangeException(nameof(rank), rank, $"The world has {members.Count} ranks.");

    public RankGroup Members => members;

    public Pending Start(in Collective collective) => Pending.Completed;

    public ICommunicator Group(string axis, RankGroup members)
    {
        CollectiveRules.CheckGroup(axis, members, this);
        return new AbsentWorld(axis, members.IndexOf(Rank), Members.Select(members));
    }

    public void Dispose() { }
}
