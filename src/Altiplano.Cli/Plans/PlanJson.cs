using System.Text.Json;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans;

/// <summary>A plan as JSON; keys name their units.</summary>
internal sealed class PlanJson
{
    private readonly TrainingPlan _plan;
    private readonly Utf8JsonWriter _json;

    private PlanJson(TrainingPlan plan, Utf8JsonWriter json) => (_plan, _json) = (plan, json);

    public static void Write(TrainingPlan plan, TextWriter output) => JsonText.Write(output, json => new PlanJson(plan, json).Write());

    private PlanRequest Request => _plan.Request;

    private void Write()
    {
        _json.WriteStartObject();
        _json.WriteString("model", Request.Model.Name);
        _json.WriteString("cluster", Request.Cluster.Name);
        _json.WriteNumber("cluster_gpus", Request.Cluster.NumGpus);
        _json.WriteNumber("gpus", _plan.Main.Winner.Layout.World);
        _json.WriteString("precision", Request.Precision.ToString().ToLowerInvariant());
        _json.WriteString("objective", PlanWords.Objective(Request.Objective));
        _json.WriteString("stack", Request.Stack.Name);
        _json.WriteString("mfu_convention", "model FLOPs, causal attention counted as half, nothing recomputed; HFU adds what is recomputed");
        _json.WriteString("memory_rule", MemoryMargin.Rule);
        _json.WriteNumber("memory_limit_gib", MemoryMargin.Limit(Request.Cluster.Gpu.Memory.Value, MemoryRule.WithMargin) / (1L << 30));
        _json.WriteBoolean("is_within_memory_rule", Request.MemoryRule == MemoryRule.WithMargin);
        _json.WriteNumber("peak_tflops", Request.Cluster.Gpu.Peak(Request.Precision).Value / 1e12);
        Total();
        ScalingLaws();
        _json.WriteArray("notes", _plan.Notes, _json.WriteStringValue);
        _json.WriteArray("phases", _plan.Phases, Phase);
        SensitivityJson.Write(_plan, _json);
        _json.WriteEndObject();
    }

    private void Total()
    {
        _json.WriteStartObject("total");
        _json.WriteNumber("tokens", _plan.Tokens);
        _json.WriteNumber("days", _plan.Seconds / 86400);
        _json.WriteNumber("gpu_hours", _plan.GpuHours);
        _json.WriteNumber("energy_mwh", _plan.Joules / 3.6e9);
        _json.WriteNumber("cost_dollars", _plan.Dollars);
        _json.WriteEndObject();
    }

    private void ScalingLaws() => _json.WriteArray("scaling_laws", PlanScaling.Of(_plan), law =>
    {
        _json.WriteStartObject();
        _json.WriteString("law", law.Law.Name);
        _json.WriteString("source", law.Law.Source);
        _json.WriteString("validity", law.Law.Validity);
        _json.WriteNumber("flops", law.Flops);
        _json.WriteNumber("optimal_parameters", law.Optimum.Parameters);
        _json.WriteNumber("optimal_tokens", law.Optimum.Tokens);
        if (law.Loss is { } loss)
            _json.WriteNumber("predicted_loss_nats", loss);
        _json.WriteBoolean("is_extrapolated", law.Optimum.IsExtrapolated);
        _json.WriteEndObject();
    });

    private void Phase(PhasePlan phase)
    {
        var layouts = new PlanLayoutJson(Request, _json);
        _json.WriteStartObject();
        _json.WriteString("phase", phase.Phase.Name);
        _json.WriteNumber("tokens", phase.Phase.Tokens);
        _json.WriteNumber("seq_len", phase.Phase.SeqLen);
        _json.WriteBoolean("has_own_mesh", phase.IsReplanned);
        Figures(PlanFigures.Of(Request, phase));
        if (phase.Recovery is { } recovery)
            Recovery(recovery);
        _json.WriteStartObject("searched");
        _json.WriteNumber("raw", phase.Counts.Raw);
        _json.WriteNumber("evaluated", phase.Counts.Evaluated);
        _json.WriteNumber("fitting", phase.Counts.Fitting);
        _json.WriteNumber("illegal", phase.Counts.Illegal);
        _json.WriteNumber("skipped_by_time_bound", phase.Counts.SkippedByTime);
        _json.WriteNumber("skipped_by_memory_bound", phase.Counts.SkippedByMemory);
        _json.WriteEndObject();
        _json.WriteArray("memory_by_stage", phase.MemoryByStage, layouts.Memory);
        _json.WriteArray("layouts", phase.Best, candidate => layouts.Write(phase, candidate));
        _json.WriteEndObject();
    }

    private void Figures(PlanFigures figures)
    {
        _json.WriteStartObject("figures");
        Figure("step_s", figures.StepSeconds);
        Figure("tokens_per_s", figures.TokensPerSecond);
        Figure("mfu", figures.Mfu);
        Figure("hfu", figures.Hfu);
        Figure("model_tflops_per_gpu", figures.ModelFlopsPerGpu * 1e-12);
        Figure("memory_gib", figures.MemoryBytes * (1.0 / (1L << 30)));
        Figure("days", figures.Seconds * (1.0 / 86400));
        Figure("gpu_hours", figures.GpuHours);
        Figure("goodput", figures.Goodput);
        Figure("facility_mw", figures.FacilityWatts * 1e-6);
        Figure("energy_mwh", figures.Joules * (1 / 3.6e9));
        Figure("cost_dollars", figures.Dollars);
        _json.WriteEndObject();
    }

    private void Figure(string name, Figure figure)
    {
        _json.WriteStartObject(name);
        _json.WriteNumber("value", figure.Value);
        _json.WriteNumber("low", figure.Low);
        _json.WriteNumber("high", figure.High);
        _json.WriteString("evidence", EvidenceWords.Key(figure.Evidence));
        _json.WriteEndObject();
    }

    private void Recovery(RecoveryChoice recovery)
    {
        _json.WriteStartObject("recovery");
        _json.WriteString("policy", recovery.Policy.Name);
        _json.WriteNumber("checkpoint_interval_s", recovery.Interval.Value);
        _json.WriteNumber("spare_servers", recovery.Spares);
        _json.WriteNumber("mean_time_between_failures_h", recovery.MeanTimeBetweenFailures.Value / 3600);
        _json.WriteString("why", recovery.ToString());
        _json.WriteEndObject();
    }
}
