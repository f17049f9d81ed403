using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Loop.Ranks;
using Altiplano.Training.Measuring;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop;

/// <summary>How a rank's part of a run ended.</summary>
public enum RunOutcome
{
    Finished,

    /// <summary>Stopped by a signal after saving; the same command goes on from there.</summary>
    Interrupted,
}

/// <summary>The loop: read, step, record, now and then validate and save. All ranks go through it alike.</summary>
/// <param name="config">The run, with every choice made.</param>
/// <param name="recorder">Null on all ranks but the first.</param>
/// <param name="meter">Measures some of the steps.</param>
/// <param name="peak">What MFU is a share of.</param>
/// <param name="content">This rank's part of the state as a checkpoint holds it.</param>
public sealed class Trainer(
    RunConfig config, RunWorld world, LlamaModel model, TrainingState state, TrainingData data, CheckpointWriter checkpoints,
    RunRecorder? recorder, StepMeter meter, FlopsPerSecond peak, Func<CheckpointContent> content, TimeProvider time)
{
    /// <summary>Steps in a row without a finite gradient after which a run gives up.</summary>
    private const int MaxSkippedSteps = 10;

    private readonly ModelFlops _flops = new(config.Spec.Model.Architecture);
    private int _skippedInARow;
    private long _savedStep = -1;
    private Bytes? _peakMemory;

    /// <param name="stopSignal">Name of the signal that asks this process to stop, or null.</param>
    /// <returns>The same on all ranks: a signal to one of them stops all after the same step.</returns>
    /// <exception cref="TrainingDivergedException">No finite gradient for some steps in a row.</exception>
    /// <exception cref="CheckpointException">A checkpoint cannot be written.</exception>
    public RunOutcome Run(Func<string?> stopSignal)
    {
        while (state.Step < config.TotalSteps)
        {
            var notices = RunStep(new RankNotices(stopSignal() is null ? 0 : 1, checkpoints.IsWriting ? 1 : 0));
            if (notices.Writing == 0)
                checkpoints.StartPublishing();
            NotePublished(checkpoints.TakePublished());
            if (notices.Stopping > 0 || IsSaveDue())
                Save();
            if (notices.Stopping > 0 && state.Step < config.TotalSteps)
                return Interrupt(stopSignal());
        }

        NotePublished(checkpoints.Drain());
        recorder?.Note(RunEventKind.Finished, state.Step, $"finished {state.Step:N0} steps, {state.TokensSeen:N0} tokens");
        return RunOutcome.Finished;
    }

    private RankNotices RunStep(RankNotices notices)
    {
        meter.Begin(state.Step + 1);
        var start = time.GetTimestamp();
        var microbatches = ReadStep();
        var learningRate = LearningRate.At(config.Optimizer, state.Step + 1, config.TotalSteps);
        var outcome = TrainingStep.Run(model, state.Optimizer, microbatches, learningRate, notices);
        state.Step++;
        state.TokensSeen += config.Spec.Batch.GlobalBatchTokens.Value;
        var elapsed = time.GetElapsedTime(start);
        meter.End(state.Step, elapsed);
        Record(outcome, learningRate, elapsed);
        GuardAgainstDivergence(outcome);
        return outcome.Notices;
    }

    private List<HostBatch> ReadStep()
    {
        var batch = config.Spec.Batch;
        var samples = StepSamples.Of(
            state.NextSample, batch.SequencesPerStep, batch.MicroBatchSize.Or(1), model.Parameters.Sharding.Mesh);
        var microbatches = samples.Select(part => data.Batches.Read(part.First, part.Count)).ToList();
        state.NextSample += batch.SequencesPerStep;
        return microbatches;
    }

    private void Record(StepOutcome outcome, double learningRate, TimeSpan elapsed)
    {
        var tokens = config.Spec.Batch.GlobalBatchTokens.Value;
        var perRank = _flops.Step(tokens, outcome.AttentionPairs) / world.Size;
        var throughput = new FlopsPerSecond(perRank / elapsed.TotalSeconds);
        var validates = state.Step % config.Run.ValidateEvery == 0 || state.Step == config.TotalSteps;
        var metrics = new StepMetrics
        {
            Step = state.Step, TokensSeen = state.TokensSeen, TrainLoss = outcome.Loss, GradNorm = outcome.GradNorm,
            Lr = learningRate, StepTime = elapsed, TokensPerSecond = tokens / elapsed.TotalSeconds, Throughput = throughput,
            Mfu = throughput / peak, PeakMemory = PeakMemory(),
            Validation = validates ? [.. data.Validations.Select(validation => validation.Measure(model))] : [],
        };
        recorder?.Record(metrics);
    }

    /// <summary>The most that a rank's process has held, asked for when a line is shown: it hardly grows after the first step.</summary>
    private Bytes PeakMemory()
    {
        if (_peakMemory is null || state.Step % config.Run.LogEvery == 0 || state.Step == config.TotalSteps)
            _peakMemory = new Bytes(world.Largest(ProcessMemory.Peak().Value)[0]);
        return _peakMemory.Value;
    }

    private void GuardAgainstDivergence(StepOutcome outcome)
    {
        if (outcome.IsApplied)
        {
            _skippedInARow = 0;
            return;
        }

        _skippedInARow++;
        var figures = $"loss {outcome.Loss}, gradient norm {outcome.GradNorm}";
        recorder?.Note(
            RunEventKind.StepSkipped, state.Step, $"step {state.Step} was skipped: {figures}; the weights are as they were");
        if (_skippedInARow < MaxSkippedSteps)
            return;
        NotePublished(checkpoints.Drain());
        var problem = $"{MaxSkippedSteps} steps in a row had no finite gradient (step {state.Step}: {figures}). " +
            "Lower optimizer.lr, raise optimizer.warmup_steps, or look at the data of these steps.";
        recorder?.Note(RunEventKind.Aborted, state.Step, problem);
        throw world.Alike(new TrainingDivergedException(problem));
    }

    private RunOutcome Interrupt(string? ownSignal)
    {
        NotePublished(checkpoints.Drain());
        recorder?.Note(
            RunEventKind.Interrupted, state.Step,
            $"{ownSignal ?? "a signal to another rank"}: saved after step {state.Step}; the same command goes on from there");
        return RunOutcome.Interrupted;
    }

    private bool IsSaveDue() =>
        state.Step % config.Run.CheckpointEvery.Or(RunSection.UsualCheckpointEvery) == 0 || state.Step == config.TotalSteps;

    private void Save()
    {
        NotePublished(checkpoints.Drain());
        checkpoints.Save(content());
        _savedStep = state.Step;
    }

    private void NotePublished(string? path)
    {
        if (path is not null)
            recorder?.Note(RunEventKind.CheckpointSaved, _savedStep, $"saved {path}");
    }
}
