using Altiplano.Cli.Launch;
using Altiplano.Distributed.Launchers;

namespace Altiplano.Tests.Cli.Launch;

public sealed class LauncherLinesTests
{
    [Fact]
    public void Of_NoProgram_SaysThatNoneIsNeeded()
    {
        using var folder = new TempFolder();

        LauncherLines.Of(new Launcher { Kind = LauncherKind.None }, folder.Root).ShouldBe(
        [
            "none of mpirun, mpirun.openmpi, mpirun.mpich, srun, sbatch, kubectl on PATH; runs on one rank, or on threads of one process, need none",
        ]);
    }

    [Fact]
    public void Of_RankOfMpirun_SaysWhich()
    {
        using var folder = new TempFolder();
        folder.Write("mpirun", "");
        folder.Write("srun", "");

        LauncherLines.Of(new Launcher { Kind = LauncherKind.OpenMpi, Rank = 2, Size = 4, NumHosts = 1 }, $"/nowhere:{folder.Root}").ShouldBe(
            ["mpirun, srun on PATH", "this process was started by one (OpenMpi), as rank 2 of 4 on 1 host"]);
    }

    [Fact]
    public void Of_Problems_AreTold()
    {
        var launcher = Launcher.Detect(new Dictionary<string, string> { ["OMPI_COMM_WORLD_SIZE"] = "4" });

        LauncherLines.Of(launcher, "").Last().ShouldStartWith("OMPI_COMM_WORLD_RANK is missing, but OMPI_COMM_WORLD_SIZE is set");
    }
}
