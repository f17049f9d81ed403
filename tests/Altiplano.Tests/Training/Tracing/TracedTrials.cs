using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;

namespace Altiplano.Tests.Training.Tracing;

/// <summary>The self test's toy run as a setting to trace.</summary>
internal static class TracedTrials
{
    public static StepSetting SettingOf(TrialSpec spec, Layout layout) => new()
    {
        Model = spec.Architecture, Layout = layout, SeqLen = TrialSpec.SeqLen, SequencesPerStep = TrialSpec.SequencesPerStep,
        Precision = Precision.Fp32, HeadChunkRows = TrialSpec.HeadChunkRows,
    };
}
