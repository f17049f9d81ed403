using YamlDotNet.RepresentationModel;
using static Altiplano.Cli.Launch.Kubernetes.Tree;

namespace Altiplano.Cli.Launch.Kubernetes;

/// <summary>The parts that pods of all manifests share.</summary>
internal static class PodTemplate
{
    public const string RunFile = "/etc/altiplano/run.yaml";

    private const string ConfigVolume = "run-file";
    private const string MemoryVolume = "shared-memory";

    /// <summary>The words that train in a pod.</summary>
    public static IEnumerable<string> Command(KubernetesJob job) =>
        ["altiplano", "train", RunFile, "--set", $"run.threads={job.CpusPerRank}"];

    /// <summary>A pod of one container that trains, which ends rather than start again.</summary>
    /// <param name="container">What the container has besides image, memory and volumes.</param>
    /// <param name="more">What the pod has besides.</param>
    public static YamlMappingNode Of(
        KubernetesJob job, string podSet, IEnumerable<(string, YamlNode?)> container, IEnumerable<(string, YamlNode?)> more) => Map(
        ("metadata", Map(
            ("labels", Map(("app.kubernetes.io/name", Text("altiplano")), ("app.kubernetes.io/instance", Text(job.Name)), ("app.kubernetes.io/component", Text(podSet)))),
            ("annotations", Annotations(job)))),
        ("spec", Map([
            ("restartPolicy", Text("Never")),
            ("terminationGracePeriodSeconds", Number(job.GraceSeconds)),
            .. more,
            ("containers", List(Map([("name", Text("train")), ("image", Text(job.Image)), .. container, ("volumeMounts", Mounts(job))]))),
            ("volumes", Volumes(job)),
        ])));

    /// <summary>Requests equal to limits, so that nothing else runs on the cores and the memory.</summary>
    public static YamlMappingNode Resources(KubernetesJob job)
    {
        (string, YamlNode?)[] amounts =
        [
            ("cpu", Text($"{job.CpusPerRank * job.Size.RanksPerNode}")),
            ("memory", job.Memory is { } memory ? Text(memory) : null),
            ("nvidia.com/gpu", job.Size.HasGpus ? Text($"{job.Size.RanksPerNode}") : null),
            (job.Rdma?.Name ?? "", job.Rdma is { } rdma ? Text($"{rdma.Count}") : null),
        ];
        return Map(("requests", Map(amounts)), ("limits", Map(amounts)));
    }

    public static YamlMappingNode Variable(string name, string value) => Map(("name", Text(name)), ("value", Text(value)));

    private static YamlMappingNode? Annotations(KubernetesJob job) => job is { Queue: not null, Topology: { } label }
        ? Map(("kueue.x-k8s.io/podset-required-topology", Text(label)))
        : null;

    private static YamlSequenceNode Mounts(KubernetesJob job) => List([
        Map(("name", Text(ConfigVolume)), ("mountPath", Text(Path.GetDirectoryName(RunFile)!)), ("readOnly", True)),
        Map(("name", Text(MemoryVolume)), ("mountPath", Text("/dev/shm"))),
        .. job.Volumes.Select((volume, i) => Map(("name", Text($"volume-{i}")), ("mountPath", Text(volume.Path)))),
    ]);

    private static YamlSequenceNode Volumes(KubernetesJob job) => List([
        Map(("name", Text(ConfigVolume)), ("configMap", Named(job.Name))),
        Map(("name", Text(MemoryVolume)), ("emptyDir", Map(("medium", Text("Memory")), ("sizeLimit", Text(job.SharedMemory))))),
        .. job.Volumes.Select((volume, i) => Map(
            ("name", Text($"volume-{i}")), ("persistentVolumeClaim", Map(("claimName", Text(volume.Claim)))))),
    ]);
}
