using System.Text;
using System.Text.Json;
using Altiplano.Planning;
using Altiplano.Planning.Campaign;
using Altiplano.Planning.Economics;
using Altiplano.Planning.Power;

namespace Altiplano.Cli.Campaigns;

/// <summary>A campaign for programs: every number names its unit.</summary>
internal static class CampaignJson
{
    private const double SecondsPerDay = 86400;

    public static string Of(CampaignPlan plan)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
            Write(json, plan);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, CampaignPlan plan)
    {
        json.WriteStartObject();
        json.WriteString("campaign", plan.Campaign.Name);
        json.WriteString("fleet", plan.Campaign.Fleet.Name);
        json.WriteNumber("gpus", plan.Campaign.Fleet.NumGpus);
        json.WriteNumber("days", plan.Seconds / SecondsPerDay);
        json.WriteNumber("gpu_hours", plan.GpuHours);
        json.WriteNumber("utilisation", plan.Utilisation);
        json.WriteNumber("peak_mw", plan.PeakWatts / 1e6);
        Write(json, "runs_total", plan.RunEnergy, plan.RunMoney);
        Write(json, "idle_total", plan.IdleEnergy, plan.IdleMoney);
        json.WriteNumber("model_card_tonnes", plan.ModelCardTonnes(plan.GpuHours));
        json.WriteStartArray("runs");
        foreach (var run in plan.Runs)
            Write(json, run, plan);
        json.WriteEndArray();
        json.WriteStartArray("power");
        foreach (var interval in plan.Intervals)
            Write(json, interval);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ScheduledRun run, CampaignPlan plan)
    {
        var days = Figure.Around(run.Seconds / SecondsPerDay, run.Plan.RelativeSigma, run.Plan.Evidence);
        json.WriteStartObject();
        json.WriteString("name", run.Run.Name);
        json.WriteString("model", run.Run.Model.Name);
        json.WriteNumber("tokens", run.Run.Tokens.Value);
        json.WriteNumber("gpus", run.Gpus);
        json.WriteNumber("start_day", run.Start / SecondsPerDay);
        json.WriteNumber("end_day", run.End / SecondsPerDay);
        json.WriteNumber("days", days.Value);
        json.WriteNumber("days_low", days.Low);
        json.WriteNumber("days_high", days.High);
        json.WriteString("evidence", EvidenceWords.Key(days.Evidence));
        json.WriteString("basis", run.Plan.Basis);
        json.WriteNumber("waited_days", run.Waited / SecondsPerDay);
        json.WriteNumber("teacher_days", run.TeacherSeconds / SecondsPerDay);
        json.WriteNumber("gpu_hours", run.GpuHours);
        json.WriteNumber("it_mw", run.Plan.ItWatts / 1e6);
        json.WriteNumber("facility_mw", run.Plan.FacilityWatts / 1e6);
        Write(json, "total", run.Energy, run.Money);
        json.WriteNumber("owned_dollars_per_million_tokens", run.OwnedPerMillionTokens);
        json.WriteNumber("model_card_tonnes", plan.ModelCardTonnes(run.GpuHours));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, in RunEnergy energy, in RunMoney money)
    {
        json.WriteStartObject(name);
        json.WriteNumber("it_kwh", energy.ItKwh);
        json.WriteNumber("facility_kwh", energy.FacilityKwh);
        json.WriteNumber("carbon_tonnes", energy.CarbonTonnes);
        json.WriteNumber("capital_dollars", money.Capital);
        json.WriteNumber("energy_dollars", money.Energy);
        json.WriteNumber("operations_dollars", money.Operations);
        json.WriteNumber("owned_dollars", money.Owned);
        json.WriteNumber("rented_dollars", money.Rented);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FleetInterval interval)
    {
        json.WriteStartObject();
        json.WriteNumber("start_day", interval.Start / SecondsPerDay);
        json.WriteNumber("end_day", interval.End / SecondsPerDay);
        json.WriteNumber("busy_gpus", interval.BusyGpus);
        json.WriteNumber("run_mw", interval.RunWatts / 1e6);
        json.WriteNumber("idle_mw", interval.IdleWatts / 1e6);
        json.WriteEndObject();
    }

}
