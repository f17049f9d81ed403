using Altiplano.Planning;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Plans;

/// <summary>Numbers of a plan's options, and whether they agree with one another and with the machines.</summary>
internal static class PlanNumbers
{
    /// <summary>A thousand times the tokens of any published run.</summary>
    private static readonly TokenCount MostTokens = new(30_000_000_000_000_000);

    /// <summary>Null where all may be used.</summary>
    /// <exception cref="ConfigException">It is no number of the cluster's GPUs.</exception>
    public static int? Gpus(string? text, ClusterSpec cluster)
    {
        if (text is null or "auto")
            return null;
        if (!int.TryParse(text, out var gpus) || gpus < 1)
            throw new ConfigException($"--gpus is \"{text}\", but it counts GPUs. Use a whole number from 1 to {cluster.NumGpus}, or auto.");
        return gpus <= cluster.NumGpus
            ? gpus
            : throw new ConfigException($"--gpus is {gpus}, but the cluster {cluster.Name} has {cluster.NumGpus} GPUs. Use {cluster.NumGpus} or fewer, or a larger --cluster.");
    }

    /// <exception cref="ConfigException">It is no length of a run.</exception>
    public static TokenCount Tokens(string text)
    {
        if (TokenCount.Parse(text) is not { Value: > 0 } tokens)
            throw new ConfigException($"--tokens is \"{text}\", but it must be a number of tokens such as 65536, 300B or 15.6T.");
        return tokens <= MostTokens ? tokens : throw new ConfigException($"--tokens is {text}, more text than there is. Use {MostTokens} or fewer.");
    }

    /// <summary>Everything in which the options, the run and the machines contradict one another.</summary>
    /// <param name="gpus">As given; null where all may be used.</param>
    /// <param name="precisionPath">Where the precision was given.</param>
    public static IEnumerable<string> FindContradictions(RunConfig config, ClusterSpec cluster, int? gpus, string precisionPath)
    {
        if (config.Spec.Precision == Precision.Fp8 && cluster.Gpu.PeakFp8 is null)
            yield return $"{precisionPath} is fp8, but the GPU {cluster.Gpu.Name} multiplies no fp8. Use bf16, or a cluster whose GPU has a peak_fp8, such as H100.";
        if (gpus is { } given && PlanRun.FixedOf(config).World is { } ranks && ranks != given)
            yield return $"--gpus is {given:N0}, but the mesh has {ranks:N0} ranks. Leave --gpus out, or a degree of the mesh to auto.";
        var step = config.Spec.Batch.GlobalBatchTokens;
        if (config.Run.Tokens is { } tokens && tokens < step)
            yield return $"--tokens is {tokens}, but one step alone has {step}. Use {step} or more, or a smaller --global-batch-tokens.";
    }
}
