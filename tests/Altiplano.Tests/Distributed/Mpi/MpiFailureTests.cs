using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Altiplano.Tests.Distributed.Mpi;

/// <summary>Rank 1 of three goes astray in an all-reduce: somebody says so, and every process ends.</summary>
public sealed partial class MpiFailureTests
{
    public static MatrixTheoryData<string, string> Absences => new(["Open MPI", "MPICH"], ["drop", "hang", "stop"]);

    public static TheoryData<string, int> Deaths => new() { { "Open MPI", 137 }, { "MPICH", 9 } };

    [Theory]
    [MemberData(nameof(Absences))]
    public void AllReduce_AbsentRank_IsNamedAndAllEnd(string family, string scenario)
    {
        var mark = $"mark-{family[0]}-{scenario}-{Environment.ProcessId}";

        var result = MpiJob.Run(family, 3, scenario, mark).ShouldExitWith(75);

        Expired().IsMatch(result.Error).ShouldBeTrue(result.Error);
        ShouldLeaveNothingBehind(mark);
    }

    [Theory]
    [InlineData("Open MPI")]
    [InlineData("MPICH")]
    public void AllReduce_RankThrows_AllEnd(string family)
    {
        var mark = $"mark-{family[0]}-throw-{Environment.ProcessId}";

        MpiJob.Run(family, 3, "throw", mark).ShouldExitWith(1).Error.ShouldContain("This rank was killed by a planned fault.");

        ShouldLeaveNothingBehind(mark);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public void AllReduce_RankIsKilled_AllEnd(string family, int exitCode)
    {
        var mark = $"mark-{family[0]}-die-{Environment.ProcessId}";

        MpiJob.Run(family, 3, "die", mark).ShouldExitWith(exitCode);

        ShouldLeaveNothingBehind(mark);
    }

    [GeneratedRegex(@"Rank [02] \(dp [02]\) waited 1 s in all-reduce #4 on axis dp; absent: rank 1\.")]
    private static partial Regex Expired();

    /// <summary>Launchers return a moment before the last process that they end is gone.</summary>
    private static void ShouldLeaveNothingBehind(string mark)
    {
        foreach (var id in Directory.EnumerateDirectories("/proc").Where(folder => IsCalledWith(folder, mark)).Select(Path.GetFileName))
            HasEnded(int.Parse(id!)).ShouldBeTrue($"process {id} is left");
    }

    private static bool HasEnded(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.WaitForExit(TimeSpan.FromSeconds(10));
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static bool IsCalledWith(string process, string mark)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(mark, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
