using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>A layout with all that it costs.</summary>
/// <param name="Score">The objective; less is better.</param>
public readonly record struct Candidate(double Score, Layout Layout, long GlobalBatchSequences, StepCost Step, RunEconomics Run)
{
    /// <summary>A total order: by score, and among equals the simpler layout, axis by axis. Never 0 for different layouts.</summary>
    public static int Compare(in Candidate a, in Candidate b)
    {
        var order = a.Score.CompareTo(b.Score);
        return order != 0 ? order : Compare(a.Layout, a.GlobalBatchSequences, b.Layout, b.GlobalBatchSequences);
    }

    private static int Compare(in Layout a, long batchA, in Layout b, long batchB)
    {
        var order = a.World.CompareTo(b.World);
        order = order != 0 ? order : a.Pp.CompareTo(b.Pp);
        order = order != 0 ? order : a.Cp.CompareTo(b.Cp);
        order = order != 0 ? order : a.Tp.CompareTo(b.Tp);
        order = order != 0 ? order : a.Ep.CompareTo(b.Ep);
        order = order != 0 ? order : a.VirtualStages.CompareTo(b.VirtualStages);
        order = order != 0 ? order : a.ZeroStage.CompareTo(b.ZeroStage);
        order = order != 0 ? order : a.DpReplicate.CompareTo(b.DpReplicate);
        order = order != 0 ? order : a.MicroBatchSize.CompareTo(b.MicroBatchSize);
        order = order != 0 ? order : a.Recompute.CompareTo(b.Recompute);
        order = order != 0 ? order : a.HasSequenceParallel.CompareTo(b.HasSequenceParallel);
        order = order != 0 ? order : a.Schedule.CompareTo(b.Schedule);
        order = order != 0 ? order : a.CpMethod.CompareTo(b.CpMethod);
        return order != 0 ? order : batchA.CompareTo(batchB);
    }
}
