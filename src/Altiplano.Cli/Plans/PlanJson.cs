using System.Text.Json;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans;

/// <summary>A plan as JSON; keys name their units.</summary>
internal static class PlanJson
{
    public static void Write(TrainingPlan plan, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("model", plan.Request.Model.Name);
            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }
}
