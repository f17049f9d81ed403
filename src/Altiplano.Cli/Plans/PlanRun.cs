using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Plans;

/// <summary>Between a run file and a plan: what is asked, and the file with the plan's choices in it.</summary>
internal static class PlanRun
{
    /// <summary>The phases of a run; one where the run is the same throughout.</summary>
    /// <exception cref="ConfigException">Nothing says how long the run is.</exception>
    public static IReadOnlyList<PlanPhase> PhasesOf(RunConfig config)
    {
        var batch = config.Spec.Batch;
        var tokens = TokensOf(config);
        var phases = new List<PlanPhase>();
        var start = 0L;
        foreach (var phase in config.Spec.Phases)
        {
            var end = Math.Min(phase.UntilTokens.Value, tokens);
            var sequences = phase.GlobalBatchTokens.Value / phase.SeqLen;
            if (end > start)
                phases.Add(new PlanPhase($"until {new TokenCount(end)}", end - start, phase.SeqLen, sequences, sequences));
            start = Math.Max(start, end);
        }

        var least = (batch.GlobalBatchTokens.Value + batch.SeqLen - 1) / batch.SeqLen;
        var most = (batch.MaxGlobalBatchTokens ?? batch.GlobalBatchTokens).Value / batch.SeqLen;
        if (tokens > start)
            phases.Add(new PlanPhase(start == 0 ? "all" : "rest", tokens - start, batch.SeqLen, Math.Max(1, least), Math.Max(1, most)));
        return phases;
    }

    /// <summary>A mesh of which every degree is the plan's to choose.</summary>
    public static MeshSpec OpenMesh { get; } = new() { Pp = default, DpReplicate = default, DpShard = default, Cp = default, Tp = default, Ep = default };

    /// <summary>What the run file fixes. A mesh that is not given at all is the plan's to choose.</summary>
    public static FixedChoices FixedOf(RunConfig config)
    {
        var (mesh, parallel) = (config.Spec.Mesh, config.Spec.Parallel);
        if (mesh == new MeshSpec())
            mesh = OpenMesh;
        return new FixedChoices
        {
            Tp = mesh.Tp, Cp = mesh.Cp, Pp = mesh.Pp, DpShard = mesh.DpShard, DpReplicate = mesh.DpReplicate, Ep = mesh.Ep,
            MicroBatchSize = config.Spec.Batch.MicroBatchSize, VirtualStages = parallel.VirtualStages, ZeroStage = parallel.Zero,
            SequenceParallel = parallel.SequenceParallel, Recompute = parallel.Recompute, Schedule = parallel.PpSchedule,
            CpMethod = parallel.CpMethod,
        };
    }

    /// <summary>The same run with every choice made as the plan's main phase makes it.</summary>
    public static RunConfig Decided(RunConfig config, TrainingPlan plan)
    {
        var (main, layout) = (plan.Main, plan.Main.Winner.Layout);
        var last = plan.Phases[^1];
        return config with
        {
            Spec = config.Spec with
            {
                Cluster = plan.Request.Cluster,
                Precision = plan.Request.Precision,
                Mesh = new MeshSpec
                {
                    Pp = layout.Pp, DpReplicate = layout.DpReplicate, DpShard = layout.DpShard, Cp = layout.Cp, Tp = layout.Tp, Ep = layout.Ep,
                },
                Parallel = config.Spec.Parallel with
                {
                    Zero = layout.ZeroStage,
                    PpSchedule = layout.Schedule,
                    VirtualStages = layout.VirtualStages,
                    CpMethod = layout.CpMethod,
                    SequenceParallel = layout.HasSequenceParallel,
                    Recompute = layout.Recompute,
                },
                Batch = config.Spec.Batch with
                {
                    GlobalBatchTokens = new TokenCount(last.Winner.GlobalBatchSequences * last.Phase.SeqLen),
                    MaxGlobalBatchTokens = null,
                    MicroBatchSize = layout.MicroBatchSize,
                },
            },
            Run = config.Run with
            {
                CheckpointEvery = main.Recovery is not { } choice
                    ? config.Run.CheckpointEvery
                    : config.Run.CheckpointEvery.Or(Math.Max(1, (int)Math.Round(choice.Interval.Value / main.Winner.Step.Time.Total))),
            },
        };
    }

    private static long TokensOf(RunConfig config)
    {
        var batch = config.Spec.Batch;
        if (config.Run.Tokens is { } tokens)
            return tokens.Value;
        return config.Run.Steps is { } steps
            ? steps * (batch.MaxGlobalBatchTokens ?? batch.GlobalBatchTokens).Value
            : throw new ConfigException("run.tokens is missing, so nothing says how long the run is. Give --tokens, or run.tokens or run.steps in the file.");
    }
}
