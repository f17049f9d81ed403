using Altiplano.Cli.Launch;
using Altiplano.Tests.Program;

namespace Altiplano.Tests.Cli.Launch.Slurm;

public sealed class SlurmScriptTests
{
    [Fact]
    public void Write_Options_AreInTheHead()
    {
        using var run = new LaunchRun();

        var script = run.Write(
            "--slurm", "--nodes", "2", "--cpus-per-task", "3", "--partition", "batch,long", "--account", "team-1", "--time", "1-12:00:00",
            "--switches", "1@30:00", "--contiguous", "--exclusive", "--grace", "300");

        var head = script.Split('\n').Where(line => line.StartsWith("#SBATCH", StringComparison.Ordinal));
        head.ShouldBe(
        [
            "#SBATCH --job-name=first-run",
            "#SBATCH --nodes=2",
            "#SBATCH --ntasks=4",
            "#SBATCH --ntasks-per-node=2",
            "#SBATCH --cpus-per-task=3",
            "#SBATCH --partition=batch,long",
            "#SBATCH --account=team-1",
            "#SBATCH --time=1-12:00:00",
            "#SBATCH --switches=1@30:00",
            "#SBATCH --contiguous",
            "#SBATCH --exclusive",
            "#SBATCH --requeue",
            "#SBATCH --open-mode=append",
            "#SBATCH --signal=USR1@300",
            $"#SBATCH --output=\"{run.Folder}/slurm-first-run-%j.log\"",
        ]);
        script.ShouldContain($"srun --mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=3 {Environment.ProcessPath} train {run.File} --set run.threads=3\n");
    }

    [Fact]
    public void Write_Gpus_AreAskedFor()
    {
        using var run = new LaunchRun("{dp_shard: 16}");

        run.Write("--slurm", "--gpus-per-node", "8").ShouldContain("#SBATCH --nodes=2\n#SBATCH --ntasks=16\n#SBATCH --ntasks-per-node=8\n#SBATCH --cpus-per-task=1\n#SBATCH --gpus-per-node=8\n");
    }

    [Fact]
    public void Write_ClusterOfTheRun_GivesTheGpus()
    {
        using var run = new LaunchRun("{dp_shard: 16}", "cluster: h100-100k");

        run.Write("--slurm").ShouldContain("#SBATCH --gpus-per-node=8\n");
        run.Write("--slurm", "--cpu").ShouldNotContain("gpus");
    }

    [Theory]
    [InlineData("nvcr.io/team/image:1", " --container-image=nvcr.io/team/image:1 --container-mounts=")]
    [InlineData("/images/altiplano.sif", " apptainer exec --bind ")]
    public void Write_Container_SeesTheRun(string image, string expected)
    {
        using var run = new LaunchRun();
        var script = run.Write("--slurm", "--container", image, "--mount", "/scratch");
        var line = script.Split('\n').Single(line => line.StartsWith("srun", StringComparison.Ordinal));

        line.ShouldContain(expected);
        line.ShouldContain($"{run.Folder}/out");
        line.ShouldContain("/scratch");
        line.ShouldEndWith($"altiplano train {run.File} --set run.threads=1");
    }

    [Fact]
    public void Write_Pmi2_TakesMpich()
    {
        using var run = new LaunchRun();

        run.Write("--slurm", "--pmi", "pmi2").ShouldContain("export ALTIPLANO_MPI_LIB=\"${ALTIPLANO_MPI_LIB:-libmpich.so.12}\"\nsrun --mpi=pmi2 ");
    }

    [Fact]
    public void Write_ValuesWithShellSigns_AreOneWordEach()
    {
        using var run = new LaunchRun();
        var spiteful = "run.out=/x/$(touch pwned)`touch pwned`;touch pwned;'\"\\";
        var script = run.Write("--slurm", "--set", spiteful).Replace(Environment.ProcessPath!, "printf '%s\\n'", StringComparison.Ordinal)
            .Replace("srun --mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=1 ", "", StringComparison.Ordinal);

        var result = Bash.Run(script, run.Folder);

        result.ShouldExitWith(0).Output.Split('\n').ShouldContain(spiteful);
        File.Exists(Path.Combine(run.Folder, "pwned")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("--slurm", "--nodes", "2", "--pmi", "pmi2")]
    [InlineData("--slurm", "--container", "/i/a b.sif", "--set", "run.out=a b")]
    public void Write_Script_IsSoundBash(params string[] options)
    {
        using var run = new LaunchRun();
        Bash.ShouldBeSound(run.Write(options));
    }

    [Theory]
    [InlineData(0, null, 0, "")]
    [InlineData(75, null, 75, "requeued job 7\n")]
    [InlineData(137, "1", 137, "requeued job 7\n")]
    [InlineData(143, "1", 143, "requeued job 7\n")]
    [InlineData(75, "2", 75, "")]
    [InlineData(1, null, 1, "")]
    [InlineData(2, null, 2, "")]
    public void Script_ExitCodes_AreRequeuedUpToTheLimit(int code, string? restarts, int expectedCode, string expectedOutput)
    {
        using var run = new LaunchRun();
        var script = run.Write("--slurm", "--max-requeues", "2");

        var result = RunWithStandIns(script, run.Folder, code, restarts);

        result.ShouldExitWith(expectedCode);
        string.Concat(result.Output.Split('\n').Where(line => line.StartsWith("requeued", StringComparison.Ordinal)).Select(line => line + "\n"))
            .ShouldBe(expectedOutput);
    }

    [Fact]
    public void Script_NodeLostOnceTooOften_IsNotStarted()
    {
        using var run = new LaunchRun();

        RunWithStandIns(run.Write("--slurm", "--max-requeues", "2"), run.Folder, code: 0, restarts: "3").ShouldExitWith(1)
            .Error.ShouldBe("job 7 has been requeued 3 times, and the limit is 2: not started again\n");
    }

    [Theory]
    [InlineData("--partition", "a b", "--partition is \"a b\", but Slurm takes letters, digits and . _ : , @ & | + - here, without blanks. Write it so.")]
    [InlineData("--name", "x\n#SBATCH --uid=0", "--name is \"x\n#SBATCH --uid=0\", but Slurm takes letters")]
    [InlineData("--time", "soon", "--time is \"soon\", but Slurm takes MINUTES, HOURS:MINUTES:SECONDS or DAYS-HOURS:MINUTES:SECONDS. Write 12:00:00 for half a day.")]
    [InlineData("--log", "a\"b", "/a\"b\", but a path in a batch script has no quotes, backslashes or line breaks. Name another file.")]
    public void Write_ValueThatSlurmWouldMisread_IsRefused(string option, string value, string expected)
    {
        using var run = new LaunchRun();

        string.Join('\n', run.Refuse("--slurm", option, value)).ShouldContain(expected.Split('\n')[0]);
    }

    [Fact]
    public void Submit_NoSbatch_IsTold()
    {
        using var run = new LaunchRun();
        AltiplanoProgram.RunIn(new Dictionary<string, string> { ["PATH"] = run.Folder }, "launch", run.File, "--slurm", "--submit").ShouldExitWith(2)
            .Error.ShouldBe("error: --submit needs Slurm's sbatch, which is not on PATH. Run this on a login node, or write the script with --write FILE and submit it there.\n");
    }

    [Theory]
    [InlineData("cat >script; echo '1234;lab'", 0, "1234\n", "")]
    [InlineData("echo 'sbatch: error: invalid partition specified: x' >&2; exit 1", 2, "", "error: sbatch refused the job: sbatch: error: invalid partition specified: x\n")]
    public void Submit_Sbatch_IsHeard(string sbatch, int code, string output, string error)
    {
        using var run = new LaunchRun();
        Bash.WriteProgram(Path.Combine(run.Folder, "sbatch"), $"cd '{run.Folder}'; {sbatch}");

        var result = AltiplanoProgram.RunIn(
            new Dictionary<string, string> { ["PATH"] = $"{run.Folder}:{Environment.GetEnvironmentVariable("PATH")}" }, "launch", run.File, "--slurm", "--submit");

        result.ShouldExitWith(code).Output.ShouldBe(output);
        result.Error.ShouldBe(error);
        if (code == 0)
            File.ReadAllText(Path.Combine(run.Folder, "script")).ShouldStartWith("#!/bin/bash\n");
    }

    [Theory]
    [InlineData("--slurm --kubernetes", "launch writes for one scheduler. Give --slurm or --kubernetes; docs/launch.md shows mpirun.")]
    [InlineData("", "launch writes for one scheduler. Give --slurm or --kubernetes; docs/launch.md shows mpirun.")]
    [InlineData("--slurm --queue q", "--queue is given, but it is for --kubernetes. Leave it out.")]
    [InlineData("--kubernetes --partition p", "--partition is given, but it is for --slurm. Leave it out.")]
    public void Launch_Targets_AreNotMixed(string options, string problem)
    {
        using var run = new LaunchRun();

        run.Refuse(options.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ShouldBe([problem]);
    }

    [Fact]
    public void Quote_AnyText_IsOneWordToBash()
    {
        string[] words = ["", "plain", "a b", "it's", "$HOME", "*", "~", "a\\", "#x", "-n", "é"];
        Bash.Run($"printf '%s\\n' {ShellText.Join(words)}", "/").ShouldExitWith(0).Output.ShouldBe(string.Join('\n', words) + "\n");
    }

    /// <summary>The script where srun ends with a code, and scontrol tells what it is asked for.</summary>
    private static ProgramResult RunWithStandIns(string script, string folder, int code, string? restarts)
    {
        var standIns = $$"""
            srun() { return {{code}}; }
            scontrol() { echo "${1}d job $2"; }
            SLURM_JOB_ID=7 SLURM_JOB_NODELIST=n1 {{(restarts is null ? "" : $"SLURM_RESTART_COUNT={restarts}")}}

            """;
        return Bash.Run(standIns + script, folder);
    }
}
