using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;

namespace Altiplano.Tests.Training.Tracing;

/// <summary>The self test's toy run as a setting to trace.</summary>
internal static class TracedTrials
{
    public static StepSetting SettingOf(Layout layout) => SettingOf(new TrialSpec(), layout);

    /// <summary>What the self test runs on a layout.</summary>
    public static StepSetting SettingOf(TrialLayout trial) => SettingOf(new Layout
    {
        Pp = trial.Mesh.Pp, DpReplicate = trial.Mesh.DpReplicate, DpShard = trial.Mesh.DpShard, Cp = trial.Mesh.Cp, Tp = trial.Mesh.Tp,
        CpMethod = trial.CpMethod, HasSequenceParallel = trial.HasSequenceParallel, ZeroStage = trial.Zero, Schedule = trial.Schedule, VirtualStages = trial.VirtualStages,
        MicroBatchSize = Math.Min(TrialSpec.MaxMicroBatchSize, TrialSpec.SequencesPerStep / (trial.Mesh.DpReplicate * trial.Mesh.DpShard)),
    });

    public static StepSetting SettingOf(TrialSpec spec, Layout layout) => new()
    {
        Model = spec.Architecture, Layout = layout, SeqLen = TrialSpec.SeqLen, SequencesPerStep = TrialSpec.SequencesPerStep,
        Precision = Precision.Fp32, HeadChunkRows = TrialSpec.HeadChunkRows,
    };
}
