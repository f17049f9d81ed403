using System.Text.RegularExpressions;
using Altiplano.Cli;
using Altiplano.Tests.Program;

namespace Altiplano.Tests.Hosts;

/// <summary>Programs over four network namespaces as hosts.</summary>
public sealed partial class HostTests
{
    private const string FourHosts = "h1:1,h2:1,h3:1,h4:1";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static string MpiTests { get; } = Path.Combine(AppContext.BaseDirectory, "Altiplano.MpiTests");

    [Fact]
    public void Train_FourHosts_GivesTheLossesOfOneProcess()
    {
        using var folder = new TempFolder();
        var run = new TinyRun(folder, steps: 10);
        string[] mesh = ["--set", "mesh={dp_shard: 2, tp: 2}", "--set", "run.threads=1"];

        Lab.Run(4, Limit, ["mpirun-on", FourHosts, "4", AltiplanoProgram.Executable, .. run.Arguments("hosts", mesh)]).ShouldExitWith(ExitCodes.Done);

        run.Train("alone").ShouldExitWith(ExitCodes.Done);
        var (hosts, alone) = (TinyRun.Numbers(run.Folder("hosts"), "train/loss"), TinyRun.Numbers(run.Folder("alone"), "train/loss"));
        hosts.Length.ShouldBe(10);
        hosts.Zip(alone, (a, b) => Math.Abs(a - b) / b).Max().ShouldBeLessThan(1e-6);
    }

    /// <summary>The deadline of a collective is 1 s here; mpirun's own exit codes say that a process or a host is gone.</summary>
    [Theory]
    [InlineData("rank", "137")]
    [InlineData("host", "205|255")]
    [InlineData("link", "75")]
    public void AllReduce_FaultOfAHost_AllEnd(string fault, string codes)
    {
        var output = Lab.Run(4, Limit, "strike", fault, "h3", "step 100", FourHosts, "4", MpiTests, "loop").ShouldExitWith(0).Output;

        var end = End().Match(output);
        end.Success.ShouldBeTrue(output);
        codes.Split('|').ShouldContain(end.Groups["code"].Value, output);
        end.Groups["left"].Value.ShouldBe("0", output);
        if (fault == "link")
            Expired().IsMatch(output).ShouldBeTrue(output);
    }

    [Fact]
    public void Rendezvous_ProcessesOnFourHosts_Meet()
    {
        var result = Lab.Run(4, Limit, "bash", "-c",
            "for i in 0 1 2 3; do on h$((i + 1)) env RANK=$i WORLD_SIZE=4 LOCAL_RANK=0 MASTER_ADDR=h1 MASTER_PORT=29500 \"$0\" rendezvous & done; wait", MpiTests);

        result.ShouldExitWith(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order()
            .ShouldBe(Enumerable.Range(0, 4).Select(rank => $"rank {rank} of 4 got 20261124"));
    }

    [GeneratedRegex(@"\nmpirun ended with (?<code>\d+) after (?<seconds>[\d.]+) s; (?<left>\d+) processes left\n$")]
    private static partial Regex End();

    [GeneratedRegex(@"Rank [013] \(dp [013]\) waited 1 s in all-reduce #\d+ on axis dp; absent: rank 2\.")]
    private static partial Regex Expired();
}
