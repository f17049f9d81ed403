using System.Globalization;
using System.Text.Json;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Schedules;
using Altiplano.Planning.Search;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Tracing;

namespace Altiplano.Cli.Verbs;

/// <summary>The story of one simulated run as files.</summary>
internal static class SimulationFiles
{
    /// <summary>Writes those of the two files that have a path.</summary>
    /// <param name="power">CSV: start_s, length_s, state, server_mw.</param>
    /// <param name="events">JSON lines: time_s, event, component, lost_s, in_repair, work_s.</param>
    public static void Write(SimulatedRunSpec spec, long seed, string? power, string? events)
    {
        if (power is null && events is null)
            return;
        var timeline = Simulator.Trace(spec, seed).Timeline;
        if (power is not null)
            WritePower(timeline.PowerTrace(spec), power);
        if (events is not null)
            WriteEvents(timeline.Events, events);
    }

    /// <summary>Writes the step of a plan's longest phase as trace events.</summary>
    /// <param name="plan">Null where flags describe the run, which say nothing of what is in a step.</param>
    /// <exception cref="ConfigException">There is no plan.</exception>
    public static void WriteTimeline(TrainingPlan? plan, string path)
    {
        if (plan is null)
            throw new ConfigException("--timeline draws a step of a plan, but the run is described by flags. Give a RUN.yaml, or --model, --cluster and --tokens.");
        var (request, winner) = (plan.Request, plan.Main.Winner);
        var workload = request.WorkloadOf(plan.Main.Phase, winner.GlobalBatchSequences);
        var step = SimulatedStep.Of(workload, request.Cluster, winner.Layout, winner.Step);
        using var file = File.Create(path);
        ChromeTrace.Write(file, StepTimeline.Of($"{request.Model.Name}: {LayoutText.Of(winner.Layout)}", step));
    }

    private static void WritePower(IEnumerable<PowerSample> samples, string path)
    {
        using var file = new StreamWriter(path) { NewLine = "\n" };
        file.WriteLine("start_s,length_s,state,server_mw");
        foreach (var sample in samples)
        {
            file.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{sample.Start.Value:0.###},{sample.Length.Value:0.###},{sample.State.ToString().ToLowerInvariant()},{sample.Megawatts:0.####}"));
        }
    }

    private static void WriteEvents(IReadOnlyList<RunEvent> events, string path)
    {
        using var file = new StreamWriter(path) { NewLine = "\n" };
        foreach (var happening in events)
        {
            var line = new SimulatedEvent(
                Math.Round(happening.Time.Value, 3), happening.Kind, happening.Component is { } component ? FailureRates.Word(component) : null,
                Math.Round(happening.Lost.Value, 3), happening.InRepair, Math.Round(happening.Work.Value, 3));
            file.WriteLine(JsonSerializer.Serialize(line, SimulationJson.Default.SimulatedEvent));
        }
    }
}
