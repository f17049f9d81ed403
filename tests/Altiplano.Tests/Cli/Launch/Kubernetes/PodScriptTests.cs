using Altiplano.Cli.Launch.Kubernetes;
using Altiplano.Tests.Program;

namespace Altiplano.Tests.Cli.Launch.Kubernetes;

public sealed class PodScriptTests
{
    [Fact]
    public void Script_Bash_IsSound() => Bash.ShouldBeSound(PodScript.Text);

    [Fact]
    public void Script_Ranks_AreNumberedOverPods()
    {
        var result = Run("echo $RANK $LOCAL_RANK");

        result.ShouldExitWith(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ShouldBe(["6 0", "7 1", "8 2"]);
    }

    [Fact]
    public void Script_RankFails_EndsTheOthersWithItsCode() =>
        Run("[ $LOCAL_RANK = 1 ] && exit 75; trap '' TERM; exec sleep 60").ShouldExitWith(75);

    [Fact]
    public void Script_Usr1_ReachesTheRanks() =>
        Run("trap 'exit 75' USR1; kill -s USR1 $PPID; while :; do :; done", ranks: 1, killWait: 30).ShouldExitWith(75);

    private static ProgramResult Run(string rank, int ranks = 3, int killWait = 1)
    {
        var environment = new Dictionary<string, string> { ["JOB_COMPLETION_INDEX"] = "2", ["LOCAL_WORLD_SIZE"] = $"{ranks}", ["KILL_WAIT"] = $"{killWait}" };
        using var pod = RunningProgram.Start("/bin/bash", ["-c", PodScript.Text, "ranks", "/bin/bash", "-c", rank], environment);
        return pod.ReadToEnd();
    }
}
