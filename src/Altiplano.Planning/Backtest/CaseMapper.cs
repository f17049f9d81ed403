using System.Diagnostics.CodeAnalysis;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Backtest;

/// <summary>Puts published runs in our own terms.</summary>
/// <param name="serverOf">A server of <c>presets/servers</c> by its name.</param>
public sealed class CaseMapper(Func<string, ServerSpec> serverOf)
{
    /// <param name="refusal">Every reason why the run cannot be computed, each with the path, the value and the rule.</param>
    public bool TryMap(PublishedRun run, [NotNullWhen(true)] out MappedCase? mapped, [NotNullWhen(false)] out string? refusal)
    {
        mapped = null;
        refusal = run.UnreadableKeys.Contains("") ? string.Join(" ", run.Problems) : null;
        if (refusal is not null)
            return false;
        var problems = new CaseProblems(run);
        var gpus = problems.Require(run.Gpus, "gpus", "The number of GPUs");
        var workload = MapWorkload(run, problems);
        var layout = CaseLayout.Map(run, gpus, problems);
        var cluster = MapCluster(run, gpus, problems);
        if (problems.Problems.Count == 0 && cluster is not null)
            problems.Problems.AddRange(LayoutRules.FindProblems(workload, cluster, layout, LayoutWords.Case));
        refusal = problems.Problems.Count > 0 ? string.Join(" ", problems.Problems) : null;
        mapped = refusal is not null || cluster is null ? null : new MappedCase
        {
            Run = run,
            Workload = workload,
            Cluster = cluster,
            Layout = layout,
            RecomputeShare = CaseLayout.RecomputeShare(run, workload.Model.NumLayers, layout.Pp),
            Assumptions = problems.Assumptions,
        };
        return mapped is not null;
    }

    private static Workload MapWorkload(PublishedRun run, CaseProblems problems)
    {
        var seqLen = problems.Require(run.Seq, "seq", "The length of a sequence");
        problems.RefuseUnless(run.GlobalBatchSeqs is not null,
            "global_batch_seqs is not given. The sequences of a step are needed and have no default.", "global_batch_seqs");
        return new Workload
        {
            Model = CaseModel.Map(run.Model, seqLen, problems),
            SeqLen = seqLen,
            GlobalBatchSequences = run.GlobalBatchSeqs ?? 1,
            Precision = MapPrecision(run.Precision, problems),
        };
    }

    private static Precision MapPrecision(string? text, CaseProblems problems)
    {
        var name = text?.ToLowerInvariant() ?? "";
        if (text is null && !problems.IsReported("precision"))
            problems.Assumptions.Add("precision is not given: bf16");
        if (name.Contains("fp8", StringComparison.Ordinal))
            return Precision.Fp8;
        problems.RefuseUnless(text is null || name.Contains("16", StringComparison.Ordinal),
            $"precision is \"{text}\". Coefficients exist for bf16, fp16 and fp8.");
        return Precision.Bf16;
    }

    private ClusterSpec? MapCluster(PublishedRun run, int gpus, CaseProblems problems)
    {
        if (run.Gpu is null || PublishedGpu.Find(run.Gpu) is not { } gpu)
        {
            problems.RefuseUnless(false, run.Gpu is null
                ? "gpu is not given. The GPU's name is needed and has no default."
                : $"gpu is \"{run.Gpu}\", which is not one that we know: {PublishedGpu.KnownNames}.", "gpu");
            return null;
        }

        var preset = serverOf(gpu.Server);
        var server = preset with
        {
            GpusPerServer = run.GpusPerNode ?? preset.GpusPerServer,
            NvlinkBandwidth = gpu.NvlinkBandwidth ?? preset.NvlinkBandwidth,
        };
        problems.RefuseUnless(gpus <= server.GpusPerServer || gpus % server.GpusPerServer == 0 || run.GpusPerNode is null,
            $"gpus_per_node is {run.GpusPerNode}, but the {gpus} gpus are whole servers of as many. Use {Divisors.Nearest(server.GpusPerServer, gpus)}.",
            "gpus", "gpus_per_node");
        var fabric = InterconnectText.Read(run.Interconnect, gpu, server.GpusPerServer);
        problems.RefuseUnless(fabric.Problem is null, fabric.Problem ?? "");
        if (gpu.Assumption is { } assumption)
            problems.Assumptions.Add(assumption);
        if (gpus > server.GpusPerServer)
            problems.Assumptions.AddRange(fabric.Assumptions);
        return Describe(gpus, server, fabric.Describe(gpus));
    }

    /// <summary>What a backtest does not ask for is 0.</summary>
    private static ClusterSpec Describe(int gpus, ServerSpec server, NetworkSpec network) => new()
    {
        Name = $"{gpus} {server.Gpu.Name}",
        NumGpus = gpus,
        Server = server,
        Network = network,
        Storage = new StorageSpec(new Bytes(0), new BytesPerSecond(0), new BytesPerSecond(0), new Watts(0)),
        Facility = new FacilitySpec(1, new Watts(0), 0, new Watts(0)),
        Prices = new PriceSpec(new Dollars(0), new Dollars(0), 1, new Dollars(0), 1, new Dollars(0)),
        Reliability = "",
    };
}
