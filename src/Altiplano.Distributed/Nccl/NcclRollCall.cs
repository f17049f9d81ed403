using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Nccl;

/// <summary>Finds out over another communicator which ranks have not come to a collective, when the deadline is over.</summary>
internal static unsafe class NcclRollCall
{
    /// <summary>Ranks of the group that do not tell of having come within the time.</summary>
    /// <param name="numStarted">Collectives started here.</param>
    /// <remarks>The memory is not freed: a late message may still be written to it, and the process is about to end.</remarks>
    public static List<int> FindAbsent(ICommunicator group, long numStarted, TimeSpan patience)
    {
        var n = group.Members.Count;
        var words = (long*)NativeMemory.AllocZeroed((nuint)n, sizeof(long));
        words[group.Rank] = numStarted;
        var all = new NativeBuffer((nint)words, n, ElementType.Int64);
        var others = Enumerable.Range(0, n).Where(rank => rank != group.Rank).ToList();
        others.ForEach(rank => group.Start(Collective.Send(all.Slice(group.Rank, 1), rank)));
        var answers = others.ConvertAll(rank => group.Start(Collective.Receive(all.Slice(rank, 1), rank)));
        var started = Stopwatch.GetTimestamp();
        var spinner = new SpinWait();
        while (!answers.TrueForAll(answer => answer.IsCompleted) && Stopwatch.GetElapsedTime(started) < patience)
            spinner.SpinOnce();
        return others.FindAll(rank => words[rank] < numStarted);
    }
}
