using Altiplano.Planning.Architecture;
using Altiplano.Planning.Campaign;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Power;

namespace Altiplano.Tests.Planning.Campaign;

/// <summary>Campaigns for tests.</summary>
internal static class Campaigns
{
    /// <summary>17B active parameters in 16 experts, as Llama 4 Scout's config.json gives it.</summary>
    public static TransformerShape Scout { get; } = new()
    {
        Name = "llama4-scout",
        VocabSize = 202_048,
        HiddenSize = 5120,
        NumLayers = 48,
        NumAttentionHeads = 40,
        NumKeyValueHeads = 8,
        HeadDim = 128,
        IntermediateSize = 16_384,
        Mixture = new MixtureShape(16, 1, 8192, 8192),
        Window = new AttentionWindow(8192, 4, IsChunked: true),
    };

    /// <summary>The same width with 128 experts in every other layer.</summary>
    public static TransformerShape Maverick { get; } = Scout with { Name = "llama4-maverick", Mixture = new MixtureShape(128, 1, 8192, 8192, 2) };

    public static CampaignRun Run(string name, int gpus, params string[] after) => new()
    {
        Name = name,
        Model = Scout,
        Tokens = new TokenCount(1_000_000_000_000),
        Gpus = gpus,
        SeqLen = 8192,
        GlobalBatchTokens = new TokenCount(16_777_216),
        Rate = new FlopsPerSecond(400e12),
        After = after,
    };

    public static CampaignSpec Of(params CampaignRun[] runs) => new() { Name = "test", Fleet = H100Clusters.Of(1024), Runs = runs };

    /// <summary>Days that each run takes are told by its name: <c>a3</c> takes three.</summary>
    public static CampaignPlan Plan(params CampaignRun[] runs) =>
        new CampaignPlanner(Of([.. runs.Select(run => run with { Rate = null })]), Days).Plan();

    private static PlannedRun Days(CampaignRun run) =>
        new((run.Name[^1] - '0') * 86400.0, 1000 * run.Gpus!.Value, 1200 * run.Gpus.Value, 0.05, Altiplano.Planning.Evidence.Assumed, "by name");
}
