using System.CommandLine;
using System.Globalization;
using Altiplano.Cli.Configuration;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Launch.Kubernetes;

/// <summary>The options of <c>launch --kubernetes</c>.</summary>
internal sealed class KubernetesArguments(LaunchArguments common)
{
    private readonly Option<string?> _namespace = new("--namespace") { Description = "Kubernetes: of all objects; kubectl's own unless given." };

    private readonly Option<string[]> _volumes = new("--volume")
    {
        Description = "Kubernetes: a PersistentVolumeClaim and where pods see it; data and run folder must lie on one. May be given several times.",
        HelpName = "CLAIM:/PATH",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _memory = new("--memory") { Description = "Kubernetes: memory of each pod, as 64Gi." };

    private readonly Option<string?> _rdma = new("--rdma")
    {
        Description = "Kubernetes: network devices of each pod, as rdma/ib=8.", HelpName = "RESOURCE=N",
    };

    private readonly Option<string> _shm = new("--shm") { Description = "Kubernetes: size of /dev/shm.", DefaultValueFactory = _ => "16Gi" };
    private readonly Option<string?> _queue = new("--queue") { Description = "Kubernetes: Kueue's local queue." };

    private readonly Option<string?> _topology = new("--topology")
    {
        Description = "Kubernetes: the node label whose value all pods are to share, as a rack's; with --queue through Kueue, without by exclusive placement.",
        HelpName = "LABEL",
    };

    public Option[] All => [_namespace, _volumes, _memory, _rdma, _shm, _queue, _topology];

    /// <exception cref="ConfigException">The run file or the options have problems.</exception>
    public KubernetesJob Read(ParseResult arguments)
    {
        var (config, size) = common.ReadRun(arguments);
        var problems = new List<string>();
        if (common.Container(arguments) is null)
            problems.Add("--container is missing, but pods are made of an image. Name one with altiplano on its PATH.");
        var job = WithPods(JobOf(config, size, arguments), arguments, problems);
        ConfigException.ThrowIfAny([.. problems, .. job.FindProblems()]);
        return job;
    }

    /// <summary>What the job runs, and for how long it tries.</summary>
    private KubernetesJob JobOf(RunConfig config, JobSize size, ParseResult arguments) => new()
    {
        Size = size,
        RunFileText = new RunFile(PresetFolder.Shipped()).Write(config),
        Paths = RunPaths.Of(config),
        Name = common.Name(arguments) ?? JobName.Of(config.Run.Out),
        Image = common.Container(arguments) ?? "",
        CpusPerRank = common.CpusPerRank(arguments, config.Run.Threads),
        MaxRestarts = common.MaxRequeues(arguments),
        GraceSeconds = common.GraceSeconds(arguments),
    };

    /// <summary>The same job with what its pods are given, and where they are.</summary>
    private KubernetesJob WithPods(KubernetesJob job, ParseResult arguments, List<string> problems) => job with
    {
        Namespace = arguments.GetValue(_namespace),
        Volumes = [.. arguments.GetRequiredValue(_volumes).Select(ParseVolume)],
        Memory = arguments.GetValue(_memory),
        Rdma = ParseRdma(arguments.GetValue(_rdma), problems),
        SharedMemory = arguments.GetRequiredValue(_shm),
        Queue = arguments.GetValue(_queue),
        Topology = arguments.GetValue(_topology),
    };

    private static VolumeMount ParseVolume(string text)
    {
        var split = text.IndexOf(':', StringComparison.Ordinal);
        return split < 0 ? new VolumeMount(text, "") : new VolumeMount(text[..split], text[(split + 1)..]);
    }

    private static (string, int)? ParseRdma(string? text, List<string> problems)
    {
        if (text is null)
            return null;
        var split = text.Split('=');
        if (split.Length == 2 && int.TryParse(split[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
            return (split[0], count);
        problems.Add($"--rdma is \"{text}\", but it must be RESOURCE=N, such as rdma/ib=8.");
        return null;
    }
}
