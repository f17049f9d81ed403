using Altiplano.Cli;
using Altiplano.Tests.Distributed.Mpi;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Program;

/// <summary><c>train</c> on several ranks: threads of one process, and processes under mpirun.</summary>
public sealed class ManyRanksTests(ManyRanksTests.TwoProcesses straight) : IClassFixture<ManyRanksTests.TwoProcesses>
{
    private static readonly string[] Sharded = ["--set", "mesh.dp_shard=2", "--set", "parallel.zero=3", "--set", "run.threads=1"];

    private TinyRun Run => straight.Run;

    [Fact]
    public void Train_MeshWithoutALauncher_SaysHowToStart() =>
        Run.Train("none", "--set", "mesh={dp_shard: 2, tp: 2}").ShouldExitWith(ExitCodes.Usage).Error.ShouldBe(
            "error: mesh is pp 1 x dp_replicate 1 x dp_shard 2 x cp 1 x tp 2 = 4 ranks, but one process was started. " +
            $"Use mpirun --bind-to none -n 4 altiplano train {Run.File} --set run.out={Run.Folder("none").Root} " +
            "--set 'mesh={dp_shard: 2, tp: 2}', or add --in-process for 4 threads of one process.\n");

    [Fact]
    public void Train_InProcessUnderALauncher_IsRefused() =>
        MpiJob.Start("Open MPI", 2, AltiplanoProgram.Executable, Run.Arguments("none", "--in-process")).ShouldExitWith(ExitCodes.Usage).Error
            .ShouldContain("--in-process makes every rank a thread of one process, but 2 processes were started. Leave it out, or start one.");

    [Fact]
    public void Train_MeshThatBreaksRules_ListsAllProblems()
    {
        var result = Run.Train("none", "--in-process", "--set", "mesh={pp: 5, dp_shard: 3}", "--set", "run.threads=1").ShouldExitWith(ExitCodes.Usage);

        result.Error.ShouldBe(
            "error: mesh.pp is 5, but pp x virtual_stages = 5 x 1 chunks, and each needs one of 2 layers, the embedding or the head. Use 4 or less.\n" +
            "error: batch.global_batch_tokens is 16 sequences of 64 tokens, but they must divide by " +
            "dp_replicate x dp_shard x micro_batch_size = 1 x 3 x 4 = 12. Use 12 or 24 sequences.\n" +
            "2 problems; nothing was started.\n");
    }

    [Fact]
    public void Train_ThreadsWithSeveralThreadsEach_IsRefused() =>
        Run.Train("none", "--in-process", "--set", "mesh.tp=2").ShouldExitWith(ExitCodes.Usage).Error.ShouldBe(
            "error: run.threads is 2, but with --in-process each rank is one thread. Use 1 or auto.\n");

    [Fact]
    public void Train_InProcess_GivesTheFiguresOfProcessesAndWhatItWritesCanBeRead()
    {
        var result = Run.Train("threads", ["--in-process", .. Sharded]).ShouldExitWith(ExitCodes.Done);

        result.Output.ShouldContain("starting at step 0, world 2 = pp 1 x dp_replicate 1 x dp_shard 2 x cp 1 x tp 1; 1 threads");
        TinyRun.Losses(Run.Folder("threads")).ShouldBe(TinyRun.Losses(straight.Folder));
        var folder = Run.Folder("threads").Root;
        AltiplanoProgram.Run("checkpoint", "verify", folder).ShouldExitWith(ExitCodes.Done).Output.ShouldContain("every checksum agrees");
        AltiplanoProgram.Run("checkpoint", "verify", Path.Combine(folder, "checkpoints", "latest")).ShouldExitWith(ExitCodes.Done);
        AltiplanoProgram.Run("checkpoint", "list", folder).ShouldExitWith(ExitCodes.Done).Output.ShouldContain("complete");
        AltiplanoProgram.Run("score", "--model", folder, "--tokens", "1,2,3").ShouldExitWith(ExitCodes.Done);
        AltiplanoProgram.Run("generate", "--model", folder, "--tokens", "1,2,3", "--max-tokens", "3").ShouldExitWith(ExitCodes.Done);
        AltiplanoProgram.Run("export", folder, Path.Combine(folder, "hf")).ShouldExitWith(ExitCodes.Done);
    }

    [Fact]
    public void Train_SignalToMpirun_AllSaveAtTheSameStepAndResumeToTheSameBits()
    {
        using (var job = Launch("signal", Sharded))
        {
            job.WaitForLine("step 11/");
            job.Send("USR1");
            job.ReadToEnd().ShouldExitWith(ExitCodes.Interrupted).Output.ShouldContain(": saved after step ");
        }

        TinyRun.Events(Run.Folder("signal"))[^1].ShouldBe("interrupted");
        Finish("signal");
        ShouldRepeatTheStraightRun("signal");
    }

    [Fact]
    public void Train_KilledRank_AllEndAndResumeToTheSameBits()
    {
        using (var job = Launch("killed", Sharded))
        {
            job.WaitForLine("step 20/");
            SendToRank("killed", rank: 1, "KILL");
            job.ReadToEnd().ExitCode.ShouldBe(137);
        }

        Finish("killed");
        ShouldRepeatTheStraightRun("killed");
    }

    [Fact]
    public void Train_HungRank_IsNamedWithinTheDeadlineAndAllEnd()
    {
        using (var job = Launch("hung", [.. Sharded, "--set", "run.collective_timeout=2s"]))
        {
            job.WaitForLine("step 20/");
            SendToRank("hung", rank: 1, "STOP");
            var result = job.ReadToEnd().ShouldExitWith(ExitCodes.Interrupted);
            result.Error.ShouldMatch(@"error: Rank 0 \(dp_shard 0\) waited 2 s in \S+ #\d+ on axis dp_shard; absent: rank 1\.");
        }

        RanksOf("hung").ShouldBeEmpty();
        TinyRun.Events(Run.Folder("hung"))[^1].ShouldBe("aborted");
        Finish("hung");
        ShouldRepeatTheStraightRun("hung");
    }

    [Fact]
    public void Train_OneRankWithAnotherConfig_AllEndWithOneMessage()
    {
        var program = AltiplanoProgram.Executable;
        string[] arguments = [.. Run.Arguments("differs", Sharded)];

        var result = MpiJob.Start("Open MPI", 1, program, [.. arguments, ":", "-n", "1", program, .. arguments, "--set", "optimizer.lr=2e-3"])
            .ShouldExitWith(ExitCodes.Usage);

        result.Error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).ShouldBe(
        [
            "error: The resolved run file of rank 1 is not that of rank 0, but all ranks of a run must have the same. " +
            "Start every rank with the same run file and options.",
        ]);
        Directory.Exists(Run.Folder("differs").Root).ShouldBeFalse();
    }

    [Fact]
    public void Train_RunFileWithAMistake_IsSaidOnce()
    {
        var result = MpiJob.Start("Open MPI", 2, AltiplanoProgram.Executable, Run.Arguments("none", "--set", "batch.seqlen=1")).ShouldExitWith(ExitCodes.Usage);

        result.Error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).ShouldBe(
            ["error: --set batch.seqlen=1: batch.seqlen is not a key. Did you mean seq_len?"]);
    }

    [Fact]
    public void Train_FourProcesses_GivesTheFiguresOfOne()
    {
        MpiJob.Start("MPICH", 4, AltiplanoProgram.Executable, Run.Arguments("four", "--set", "mesh={pp: 2, tp: 2, dp_shard: auto}", "--set", "run.threads=1"))
            .ShouldExitWith(ExitCodes.Done);

        var (four, two) = (TinyRun.Numbers(Run.Folder("four"), "train/loss"), TinyRun.Numbers(straight.Folder, "train/loss"));
        four.Zip(two, (a, b) => Math.Abs(a - b) / b).Take(20).Max().ShouldBeLessThan(1e-5);
        CheckpointStore.Verify(Run.Folder("four").Checkpoint(TinyRun.Steps)).ShouldBeEmpty();
    }

    private RunningProgram Launch(string name, string[] more) =>
        MpiJob.Launch("Open MPI", 2, AltiplanoProgram.Executable, Run.Arguments(name, more));

    private void Finish(string name) =>
        MpiJob.Start("Open MPI", 2, AltiplanoProgram.Executable, Run.Arguments(name, Sharded)).ShouldExitWith(ExitCodes.Done)
            .Output.ShouldContain("resuming after step ");

    private void ShouldRepeatTheStraightRun(string name)
    {
        TinyRun.Losses(Run.Folder(name)).ShouldBe(TinyRun.Losses(straight.Folder));
        foreach (var file in Directory.GetFiles(straight.Folder.Checkpoint(TinyRun.Steps), "*.safetensors"))
        {
            File.ReadAllBytes(Path.Combine(Run.Folder(name).Checkpoint(TinyRun.Steps), Path.GetFileName(file))).AsSpan()
                .SequenceEqual(File.ReadAllBytes(file)).ShouldBeTrue(file);
        }
    }

    /// <summary>Sends a signal to one rank of the run with that name.</summary>
    private void SendToRank(string name, int rank, string signal)
    {
        var id = RanksOf(name).Single(id => EnvironmentOf(id).Split('\0').Contains($"OMPI_COMM_WORLD_RANK={rank}"));
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", id]);
        kill.WaitForExit();
    }

    /// <summary>Processes of ranks that write to the run folder of that name.</summary>
    private IReadOnlyList<string> RanksOf(string name) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path))
            .Where(id => char.IsAsciiDigit(id[0]) && ReadProcess(id, "cmdline").Contains($"run.out={Run.Folder(name).Root}\0", StringComparison.Ordinal)
                && EnvironmentOf(id).Contains("OMPI_COMM_WORLD_RANK=", StringComparison.Ordinal)),
    ];

    private static string EnvironmentOf(string id) => ReadProcess(id, "environ");

    private static string ReadProcess(string id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The run on two processes that nothing interrupts.</summary>
    public sealed class TwoProcesses : IDisposable
    {
        private readonly TempFolder _temp = new();

        public TwoProcesses()
        {
            Run = new TinyRun(_temp);
            MpiJob.Start("Open MPI", 2, AltiplanoProgram.Executable, Run.Arguments("straight", Sharded)).ShouldExitWith(ExitCodes.Done);
        }

        internal TinyRun Run { get; }

        internal RunFolder Folder => Run.Folder("straight");

        public void Dispose() => _temp.Dispose();
    }
}
