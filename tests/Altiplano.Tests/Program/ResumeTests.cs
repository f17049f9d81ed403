using Altiplano.Cli;

namespace Altiplano.Tests.Program;

/// <summary>A run that was stopped and started again against the same run in one go.</summary>
public sealed class ResumeTests(ResumeTests.StraightRun straight) : IClassFixture<ResumeTests.StraightRun>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Train_KilledAtARandomStep_ResumesToTheSameBits(int seed)
    {
        var (run, name) = (straight.Run, $"killed-{seed}");
        using (var program = run.Start(name))
        {
            program.WaitForLine($"step {new Random(seed).Next(2, 40)}/");
            program.Kill();
            program.ReadToEnd().ShouldExitWith(137);
        }

        var resumed = run.Train(name).ShouldExitWith(ExitCodes.Done);

        TinyRun.ShouldBeIdentical(run.Folder(name), straight.Folder);
        resumed.Output.ShouldContain("finished 60 steps");
    }

    [Fact]
    public void Train_KilledAgainAndAgain_ResumesToTheSameBits()
    {
        var (run, random) = (straight.Run, new Random(17));
        for (var step = 9; step < 50; step += random.Next(4, 14))
        {
            using var program = run.Start("often");
            program.WaitForLine($"step {step}/");
            program.Kill();
            program.ReadToEnd().ShouldExitWith(137);
        }

        run.Train("often").ShouldExitWith(ExitCodes.Done);

        TinyRun.ShouldBeIdentical(run.Folder("often"), straight.Folder);
    }

    [Theory]
    [InlineData("TERM", "SIGTERM")]
    [InlineData("INT", "SIGINT")]
    [InlineData("USR1", "SIGUSR1")]
    public void Train_Signal_SavesExitsWith75AndResumesToTheSameBits(string signal, string name)
    {
        if (signal == "INT" && RunningProgram.InheritsIgnoredInterrupts())
            Assert.Skip("the shell that started the tests ignores SIGINT, as it does for jobs in the background, and so would the program");
        var run = straight.Run;
        using (var program = run.Start(name))
        {
            program.WaitForLine("step 11/");
            program.Send(signal);
            program.ReadToEnd().ShouldExitWith(ExitCodes.Interrupted).Output.ShouldContain($"{name}: saved after step ");
        }

        TinyRun.Events(run.Folder(name))[^1].ShouldBe("interrupted");
        File.ReadAllText(run.Folder(name).Report).ShouldStartWith("<!doctype html>");
        run.Train(name).ShouldExitWith(ExitCodes.Done).Output.ShouldContain($"from {run.Folder(name).Checkpoints}/step-");

        TinyRun.ShouldBeIdentical(run.Folder(name), straight.Folder);
        TinyRun.Events(run.Folder(name)).Where(e => e is not "checkpoint_saved").ShouldBe(["start", "interrupted", "resume", "finished"]);
    }

    [Fact]
    public void Train_ResumedWithAnotherNumberOfThreads_SaysSoAndStaysNear()
    {
        var run = straight.Run;
        using (var program = run.Start("threads"))
        {
            program.WaitForLine("step 20/");
            program.Send("TERM");
            program.ReadToEnd().ShouldExitWith(ExitCodes.Interrupted);
        }

        run.Train("threads", "--set", "run.threads=1").ShouldExitWith(ExitCodes.Done).Output
            .ShouldContain("1 threads where the checkpoint was made with 2, so sums may differ in their last bits");

        var (one, two) = (TinyRun.Numbers(run.Folder("threads"), "train/loss"), TinyRun.Numbers(straight.Folder, "train/loss"));
        one.Zip(two, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-3);
    }

    [Fact]
    public void Train_FinishedRun_DoesNothingMore()
    {
        var run = straight.Run;
        run.Train("twice").ShouldExitWith(ExitCodes.Done);

        run.Train("twice").ShouldExitWith(ExitCodes.Done).Output.ShouldContain("resuming after step 60");

        TinyRun.ShouldBeIdentical(run.Folder("twice"), straight.Folder);
    }

    [Fact]
    public void Train_Restart_KeepsTheOldFolderAndStartsAtStepZero()
    {
        var run = straight.Run;
        run.Train("again").ShouldExitWith(ExitCodes.Done);

        run.Train("again", "--restart").ShouldExitWith(ExitCodes.Done).Output.ShouldContain("starting at step 0");

        TinyRun.ShouldBeIdentical(run.Folder("again"), straight.Folder);
        TinyRun.ShouldBeIdentical(run.Folder("again.1"), straight.Folder);
    }

    [Fact]
    public void Train_TinyModel_Learns() =>
        TinyRun.Numbers(straight.Folder, "train/loss")[^1].ShouldBeLessThan(TinyRun.Numbers(straight.Folder, "train/loss")[0] - 1);

    /// <summary>The run that nothing interrupts.</summary>
    public sealed class StraightRun : IDisposable
    {
        private readonly TempFolder _temp = new();

        public StraightRun()
        {
            Run = new TinyRun(_temp);
            Run.Train("straight").ShouldExitWith(ExitCodes.Done);
        }

        internal TinyRun Run { get; }

        internal Altiplano.Training.Loop.RunFolder Folder => Run.Folder("straight");

        public void Dispose() => _temp.Dispose();
    }
}
