using Altiplano.Cli.Configuration;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans.Page;

/// <summary>What the page of a plan shows beside the plan.</summary>
/// <param name="Policies">Ways to recover that are compared with the plan's.</param>
/// <param name="StackSources">What the coefficients were fitted to or taken from.</param>
internal sealed record PlanBackground(IReadOnlyList<RecoveryPolicy> Policies, IReadOnlyList<string> StackSources)
{
    public static PlanBackground Of(PresetFolder presets, PlanRequest request) => new(
        RunReliability.Sized(new ReliabilityCatalog(presets).Policies, request.Model, request.Cluster, request.Gpus ?? request.Cluster.NumGpus),
        new StackCatalog(presets).Nearest(request.Cluster.Gpu, request.Cluster.Network.Kind, request.Precision).Sources);
}
