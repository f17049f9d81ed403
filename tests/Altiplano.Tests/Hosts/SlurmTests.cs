using Altiplano.Cli;
using Altiplano.Tests.Program;

namespace Altiplano.Tests.Hosts;

/// <summary>Programs under a Slurm of their own, whose nodes are network namespaces.</summary>
public sealed class SlurmTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static string MpiTests { get; } = Path.Combine(AppContext.BaseDirectory, "Altiplano.MpiTests");

    [Theory]
    [InlineData("pmix", "libmpi.so.40", "Open MPI")]
    [InlineData("pmi2", "libmpich.so.12", "MPICH")]
    public void Srun_FourNodes_RanksMeet(string pmi, string library, string family) =>
        Lab.Run(4, Limit, "with-slurm", "env", $"ALTIPLANO_MPI_LIB={library}", "srun", "-N4", "-n4", $"--mpi={pmi}", MpiTests, "conformance")
            .ShouldExitWith(0).Output.ShouldMatch($@"^\d+ cases passed on 4 ranks of {family}");

    [Fact]
    public void Launch_SignalledJob_IsRequeuedToTheLossesOfOneThatGoesThrough()
    {
        using var folder = new TempFolder();
        var run = new TinyRun(folder, steps: 600);
        string[] mesh = ["--set", "mesh.dp_shard=2", "--set", "run.threads=1"];
        var job = run.Folder("job");

        Lab.Run(2, Limit, ["with-slurm", "interrupt-job", AltiplanoProgram.Executable, run.File, job.Metrics, "10", "--set", $"run.out={job.Root}", .. mesh])
            .ShouldExitWith(0).Output.ShouldBe("COMPLETED, exit code 0:0, requeued 1 times\n");

        TinyRun.Events(job).Where(name => name != "checkpoint_saved").ShouldBe(["start", "interrupted", "resume", "finished"]);
        run.Train("through", ["--in-process", .. mesh]).ShouldExitWith(ExitCodes.Done);
        TinyRun.Losses(job).ShouldBe(TinyRun.Losses(run.Folder("through")));
    }
}
