using System.Text.Json;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans;

/// <summary>One layout of a plan as JSON, with all that it costs.</summary>
internal sealed class PlanLayoutJson(PlanRequest request, Utf8JsonWriter json)
{
    public void Write(PhasePlan phase, Candidate candidate)
    {
        var (layout, time) = (candidate.Layout, candidate.Step.Time);
        json.WriteStartObject();
        Layout(layout, candidate.GlobalBatchSequences, phase.Phase.SeqLen);
        json.WriteNumber("step_s", time.Total);
        json.WriteStartObject("step_parts_s");
        foreach (var (name, seconds) in TimeParts.Of(time))
            json.WriteNumber(Key(name), seconds);
        json.WriteEndObject();
        json.WritePropertyName("memory_of_fullest_rank");
        Memory(candidate.Step.Memory);
        json.WriteNumber("fullest_stage", candidate.Step.FullestStage);
        json.WriteNumber("goodput", candidate.Run.Goodput);
        json.WriteNumber("days", candidate.Run.Seconds / 86400);
        json.WriteNumber("gpu_hours", candidate.Run.GpuHours);
        json.WriteNumber("gpu_w", candidate.Run.GpuWatts);
        json.WriteNumber("it_mw", candidate.Run.ItWatts / 1e6);
        json.WriteNumber("facility_mw", candidate.Run.FacilityWatts / 1e6);
        json.WriteNumber("energy_mwh", candidate.Run.Joules / 3.6e9);
        json.WriteNumber("cost_dollars", candidate.Run.Dollars);
        Links(candidate);
        json.WriteStartArray("binds");
        foreach (var binding in Binding.Of(request, candidate))
            json.WriteStringValue(binding);
        json.WriteEndArray();
        json.WriteNumber("worse_than_best", candidate.Score / phase.Winner.Score - 1);
        json.WriteString("why_worse", candidate == phase.Winner ? "" : Binding.WhyWorse(phase.Winner, candidate));
        json.WriteEndObject();
    }

    private void Layout(in Layout layout, long batch, int seqLen)
    {
        json.WriteNumber("tp", layout.Tp);
        json.WriteNumber("cp", layout.Cp);
        json.WriteNumber("pp", layout.Pp);
        json.WriteNumber("dp_shard", layout.DpShard);
        json.WriteNumber("dp_replicate", layout.DpReplicate);
        json.WriteNumber("ep", layout.Ep);
        json.WriteNumber("virtual_stages", layout.VirtualStages);
        json.WriteNumber("micro_batch_size", layout.MicroBatchSize);
        json.WriteNumber("zero", layout.ZeroStage);
        json.WriteBoolean("sequence_parallel", layout.HasSequenceParallel);
        json.WriteString("recompute", LayoutText.Name(layout.Recompute));
        json.WriteString("pp_schedule", LayoutText.Name(layout.Schedule));
        json.WriteString("cp_method", LayoutText.Name(layout.CpMethod));
        json.WriteNumber("global_batch_sequences", batch);
        json.WriteNumber("global_batch_tokens", batch * seqLen);
    }

    private void Links(in Candidate candidate)
    {
        var step = candidate.Step;
        var network = request.Cluster.Network.BandwidthPerGpu.Value;
        json.WriteStartObject("links");
        json.WriteNumber("nvlink_gb_per_gpu_and_step", step.NvlinkBytesPerGpu / 1e9);
        json.WriteNumber("nvlink_load", step.NvlinkBytesPerGpu / (step.Time.Total * request.Cluster.Server.NvlinkBandwidth.Value));
        json.WriteNumber("network_gb_per_gpu_and_step", step.NetworkBytesPerGpu / 1e9);
        json.WriteNumber("network_load", step.NetworkBytesPerGpu / (step.Time.Total * network));
        foreach (var (axis, tier) in NetworkTiers.Of(request, candidate.Layout))
            json.WriteString($"{axis}_reaches", tier);
        json.WriteEndObject();
    }

    public void Memory(MemoryUse memory)
    {
        json.WriteStartObject();
        json.WriteNumber("total_gib", memory.Total / (1L << 30));
        foreach (var (name, bytes) in MemoryParts.Of(memory))
            json.WriteNumber($"{Key(name)}_gib", bytes / (1L << 30));
        json.WriteEndObject();
    }

    private static string Key(string name) => name.Replace(' ', '_');
}
