using System.Text.Json;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans;

/// <summary>The sensitivity of a plan as JSON: changes are shares, 0.021 being 2.1 % more.</summary>
internal static class SensitivityJson
{
    public static void Write(TrainingPlan plan, Utf8JsonWriter json)
    {
        json.WriteStartArray("sensitivity");
        foreach (var item in Sensitivity.Of(plan))
        {
            json.WriteStartObject();
            json.WriteString("figure", item.Name);
            json.WriteNumber("factor", item.Factor);
            Change("change", item.Kept, json);
            Change("change_of_best_listed_layout", item.Best, json);
            json.WriteNumber("best_listed_layout", item.BestLayout);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Change(string name, PlanChange change, Utf8JsonWriter json)
    {
        json.WriteStartObject(name);
        json.WriteNumber("step", change.Step);
        json.WriteNumber("days", change.Seconds);
        json.WriteNumber("cost", change.Dollars);
        json.WriteNumber("energy", change.Joules);
        json.WriteNumber("facility_power", change.FacilityWatts);
        json.WriteEndObject();
    }
}
