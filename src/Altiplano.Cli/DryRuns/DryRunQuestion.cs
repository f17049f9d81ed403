using Altiplano.Cli.Plans;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Tracing;

namespace Altiplano.Cli.DryRuns;

/// <summary>A run with every choice made, whose step is to be traced.</summary>
/// <param name="Notes">What the reader must know of how the choices were made.</param>
/// <param name="RankMemory">Of the GPU that a rank has; null where no machines are named.</param>
internal sealed record DryRunQuestion(RunConfig Config, StepSetting Setting, IReadOnlyList<string> Notes, Bytes? RankMemory)
{
    private const string LeftOpen = "What the run file leaves open is as the plan's best layout has it.";

    /// <summary>What a plan makes of a run; no plan is made where nothing is left to choose.</summary>
    /// <exception cref="ConfigException">No layout exists, or the given one does not.</exception>
    public static DryRunQuestion Of(RunConfig config, PlanRequest request)
    {
        var given = GivenLayout(request);
        if (given is { } layout)
        {
            var phase = request.Phases.MaxBy(p => p.Tokens)!;
            ConfigException.ThrowIfAny(LayoutRules.FindProblems(request.WorkloadOf(phase, phase.MinBatchSequences), request.Cluster, layout, ""));
            return new DryRunQuestion(config, SettingOf(config, layout, phase.SeqLen, phase.MinBatchSequences), request.Assumptions, request.Cluster.Gpu.Memory);
        }

        var plan = new Planner(request with { Top = 1 }).Plan();
        var (main, winner) = (plan.Main, plan.Main.Winner);
        return new DryRunQuestion(
            PlanRun.Decided(config, plan), SettingOf(config, winner.Layout, main.Phase.SeqLen, winner.GlobalBatchSequences),
            [LeftOpen, .. plan.Notes], request.Cluster.Gpu.Memory);
    }

    /// <summary>A run on machines that nobody named: what is left open is as the trainer chooses.</summary>
    public static DryRunQuestion Of(RunConfig config)
    {
        var decided = config.Decided(Environment.ProcessorCount);
        var batch = decided.Spec.Batch;
        return new DryRunQuestion(decided, SettingOf(decided, decided.Spec.ToLayout(), batch.SeqLen, batch.SequencesPerStep), [], null);
    }

    private static StepSetting SettingOf(RunConfig config, in Layout layout, int seqLen, long sequences)
    {
        var model = config.Spec.Model.Architecture;
        if (layout.Tp > model.NumKeyValueHeads)
        {
            throw new ConfigException($"mesh.tp is {layout.Tp}, but the model has {model.NumKeyValueHeads} key/value heads and each rank that trains needs " +
                $"whole heads. Use --set mesh.tp={model.NumKeyValueHeads} or less.");
        }

        return new StepSetting
        {
            Model = model, Layout = layout, SeqLen = seqLen, SequencesPerStep = (int)sequences,
            Precision = config.Spec.Precision == Precision.Fp8 ? Precision.Bf16 : config.Spec.Precision,
            HeadChunkRows = config.Spec.Parallel.HeadChunkRows.Or(ModelOptions.DefaultHeadChunkRows),
        };
    }

    /// <summary>The layout of a run that leaves nothing open; null where it leaves something.</summary>
    private static Layout? GivenLayout(PlanRequest request)
    {
        var given = request.Fixed;
        var hasOneBatch = request.Phases.All(phase => phase.MinBatchSequences == phase.MaxBatchSequences);
        if (given.World is null || given.Ep.IsAuto || given.MicroBatchSize.IsAuto || given.VirtualStages.IsAuto || given.ZeroStage.IsAuto
            || given.Recompute.IsAuto || given.Schedule.IsAuto || given.SequenceParallel.IsAuto || given.CpMethod.IsAuto || !hasOneBatch)
        {
            return null;
        }

        return new Layout
        {
            Tp = given.Tp.Or(1), Cp = given.Cp.Or(1), Pp = given.Pp.Or(1), DpShard = given.DpShard.Or(1), DpReplicate = given.DpReplicate.Or(1),
            Ep = given.Ep.Or(1), MicroBatchSize = given.MicroBatchSize.Or(1), VirtualStages = given.VirtualStages.Or(1),
            ZeroStage = given.ZeroStage.Or(0), Recompute = given.Recompute.Or(Recompute.None),
            Schedule = given.Schedule.Or(PipelineScheduleKind.OneForwardOneBackward), HasSequenceParallel = given.SequenceParallel.Or(true),
            CpMethod = given.CpMethod.Or(ContextParallelMethod.AllGather),
        };
    }
}
