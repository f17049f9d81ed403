using System.CommandLine;
using Altiplano.Cli.Campaigns;
using Altiplano.Cli.Configuration;
using Altiplano.Planning.Campaign;

namespace Altiplano.Cli.Verbs;

/// <summary><c>campaign FILE.yaml</c>: several runs on one fleet.</summary>
internal static class CampaignVerb
{
    private static readonly Argument<string> Campaign = new("CAMPAIGN.yaml")
    {
        Description = "The campaign file, or a preset of presets/campaigns: the fleet, and the runs on it.",
    };

    private static readonly Option<string?> Html = new("--html")
    {
        Description = "Writes a page with the Gantt chart and the megawatts over time.", HelpName = "FILE",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Prints everything as JSON, units in the names of the keys." };

    private static readonly Option<int> Width = new Option<int>("--width")
    {
        Description = "Columns of the Gantt chart.", DefaultValueFactory = _ => 100,
    }.AtLeast(40, "counts columns");

    public static Command Create()
    {
        var command = new Command("campaign", "Places several runs on one fleet in time: megawatts, energy, carbon and money.")
        {
            Campaign, Html, Json, Width,
        };
        command.SetAction(arguments =>
        {
            OutputFile.Check(arguments, Html);
            var presets = PresetFolder.Shipped();
            var campaign = new CampaignFile(presets).Read(arguments.GetRequiredValue(Campaign), Campaign.Name);
            var plan = new CampaignPlanner(campaign, CampaignRunPlanner.For(presets, campaign)).Plan();
            var output = arguments.InvocationConfiguration.Output;
            output.Write(arguments.GetValue(Json) ? CampaignJson.Of(plan) + "\n" : CampaignText.Of(plan, arguments.GetValue(Width)));
            if (arguments.GetValue(Html) is { } page)
            {
                File.WriteAllText(page, CampaignPage.Of(plan));
                arguments.InvocationConfiguration.Error.WriteLine($"Wrote {Path.GetFullPath(page)}");
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
