namespace Altiplano.Distributed.Nccl;

/// <summary>A GPU's end of a group.</summary>
/// <remarks>
/// NCCL runs the operations of one communicator one after the other, so that a send could wait for ever behind a collective or behind
/// another send. So there are three: one for collectives, one for messages to higher ranks, one for messages to lower ranks.
/// </remarks>
internal sealed class NcclCommunicator(
    NcclWatch watch, ICommunicator control, NcclLane collectives, NcclLane upward, NcclLane downward) : ICommunicator
{
    private long _numStarted;
    private long _messages;

    public string Axis => control.Axis;

    public int Rank => control.Rank;

    public RankGroup Members => control.Members;

    public Pending Start(in Collective collective)
    {
        CollectiveRules.Check(collective, this);
        watch.ThrowIfFailed();
        var isMessage = collective.Kind.IsPointToPoint();
        var label = new CollectiveLabel(collective.Kind, isMessage ? _messages++ : _numStarted++, this);
        NcclLane[] lanes = isMessage ? [.. MessageLanes(collective).Distinct()] : [collectives];
        try
        {
            WaitForCompute(lanes);
            Launch(collective);
            Array.ForEach(lanes, lane => lane.Settle());
            var pending = new NcclPending(watch, label, lanes, Array.ConvertAll(lanes, lane => watch.Device.Record(lane.Stream)));
            watch.Add(pending);
            return pending;
        }
        catch (CollectiveException error)
        {
            watch.Fail(new CollectiveException($"{label}: {error.Message}"));
            watch.ThrowIfFailed();
            throw;
        }
    }

    public ICommunicator Group(string axis, RankGroup members)
    {
        CollectiveRules.CheckGroup(axis, members, this);
        watch.ThrowIfFailed();
        // The control group's own split comes first: it has a deadline.
        var group = control.Group(axis, members);
        var (color, key) = (members[0], members.IndexOf(Rank));
        return new NcclCommunicator(
            watch, group, collectives.Split(color, key), upward.Split(color, key), downward.Split(color, key));
    }

    public void Dispose()
    {
        foreach (var lane in new[] { collectives, upward, downward })
            watch.Release(lane);
        control.Dispose();
    }

    /// <summary>World ranks that have not come to a collective; of a message nothing can be told.</summary>
    public IReadOnlyList<int>? FindAbsent(CollectiveLabel label, TimeSpan patience) => label.Kind.IsPointToPoint()
        ? null
        : [.. NcclRollCall.FindAbsent(control, label.Sequence + 1, patience).Select(rank => Members[rank])];

    private void WaitForCompute(NcclLane[] lanes)
    {
        var computed = watch.Device.Record(watch.Options.ComputeStream());
        Array.ForEach(lanes, lane => CudaDevice.Order(lane.Stream, computed));
        watch.Device.Return(computed);
    }

    private void Launch(in Collective collective)
    {
        NcclLibrary.Check(NcclNative.ncclGroupStart(), collectives.Comm);
        NcclCalls.Issue(collective, this, watch.Device.Scratch, collectives, Toward);
        NcclLibrary.Check(NcclNative.ncclGroupEnd(), collectives.Comm);
    }

    private IEnumerable<NcclLane> MessageLanes(Collective collective)
    {
        if (collective.Kind != CollectiveKind.Receive)
            yield return Toward(Rank, collective.Destination);
        if (collective.Kind != CollectiveKind.Send)
            yield return Toward(collective.Source, Rank);
    }

    private NcclLane Toward(int from, int to) => from < to ? upward : downward;
}
