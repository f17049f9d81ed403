using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Cli.DryRuns;

/// <summary>What the check of a whole job found, as JSON.</summary>
internal static class CheckJson
{
    public static void Write(DryRunQuestion question, JobReport report, TextWriter output) => JsonText.Write(output, json =>
    {
        json.WriteStartObject();
        DryRunJson.WriteRun(json, question);
        json.WriteBoolean("ends_on_all_ranks", report.Problems.Count == 0);
        json.WriteArray("problems", report.Problems, json.WriteStringValue);
        json.WriteNumber("operations", report.NumOperations);
        json.WriteNumber("groups", report.NumGroups);
        json.WriteNumber("different_groups", report.NumPatterns);
        json.WriteArray("classes", report.Classes, one =>
        {
            json.WriteStartObject();
            json.WriteNumber("ranks", one.Ranks.Count);
            json.WriteNumber("first_rank", one.Ranks.First);
            json.WriteNumber("pp", one.Ranks.Fingerprint.Pp);
            json.WriteBoolean("has_planted_fault", one.Ranks.Fingerprint.IsBroken);
            json.WriteNumber("operations", one.NumOperations);
            json.WriteNumber("flops", one.Flops);
            json.WriteNumber("peak_bytes", one.PeakBytes);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    });
}
