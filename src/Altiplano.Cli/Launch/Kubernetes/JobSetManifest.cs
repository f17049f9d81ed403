using YamlDotNet.RepresentationModel;
using static Altiplano.Cli.Launch.Kubernetes.Tree;

namespace Altiplano.Cli.Launch.Kubernetes;

/// <summary>A JobSet of one indexed job, a pod a node; the pods' ranks find one another at the first pod.</summary>
internal static class JobSetManifest
{
    private const string Pods = "nodes";
    private const string ExclusiveTopology = "alpha.jobset.sigs.k8s.io/exclusive-topology";

    /// <summary>Of NCCL's rendezvous.</summary>
    private const int Port = 29500;

    /// <summary>Exit codes on which a restart would only fail again: a fault of the run, or of its configuration.</summary>
    private static readonly int[] Final = [ExitCodes.Failed, ExitCodes.Usage];

    public static YamlMappingNode Of(KubernetesJob job) => Map(
        ("apiVersion", Text("jobset.x-k8s.io/v1alpha2")),
        ("kind", Text("JobSet")),
        ("metadata", Manifest.Metadata(
            job, ("labels", Manifest.QueueLabel(job)),
            ("annotations", job is { Queue: null, Topology: { } label } ? Map((ExclusiveTopology, Text(label))) : null))),
        ("spec", Map(
            ("network", Map(("enableDNSHostnames", True), ("publishNotReadyAddresses", True))),
            ("failurePolicy", FailurePolicy(job)),
            ("replicatedJobs", List(Map(("name", Text(Pods)), ("replicas", Number(1)), ("template", Map(("spec", JobSpec(job))))))))));

    /// <summary>All pods start again together, from the last checkpoint, unless a restart cannot help.</summary>
    private static YamlMappingNode FailurePolicy(KubernetesJob job) => Map(
        ("maxRestarts", Number(job.MaxRestarts)),
        ("restartStrategy", Text("BlockingRecreate")),
        ("rules", List(
            Map(("name", Text("cannotHelp")), ("action", Text("FailJobSet")), ("onJobFailureReasons", List(Text("PodFailurePolicy")))),
            Map(("name", Text("goOn")), ("action", Text("RestartJobSet")), ("onJobFailureReasons", List(Text("BackoffLimitExceeded")))))));

    private static YamlMappingNode JobSpec(KubernetesJob job) => Map(
        ("completionMode", Text("Indexed")),
        ("completions", Number(job.Size.Nodes)),
        ("parallelism", Number(job.Size.Nodes)),
        ("backoffLimit", Number(0)),
        ("podFailurePolicy", Map(("rules", List(IgnoreDrained(), FailOn(Final))))),
        ("template", PodTemplate.Of(job, Pods, Container(job), more: [])));

    /// <summary>A pod that was drained is no fault of the run: it comes back, and the others end by their own signal or deadline.</summary>
    private static YamlMappingNode IgnoreDrained() => Map(
        ("action", Text("Ignore")),
        ("onPodConditions", List(Map(("type", Text("DisruptionTarget")), ("status", Text("True"))))));

    private static YamlMappingNode FailOn(int[] codes)
    {
        var values = List(codes.Select(code => Number(code)));
        return Map(
            ("action", Text("FailJob")),
            ("onExitCodes", Map(("containerName", Text("train")), ("operator", Text("In")), ("values", values))));
    }

    private static IEnumerable<(string, YamlNode?)> Container(KubernetesJob job) =>
    [
        ("command", Texts(["/bin/bash", "-c", PodScript.Text, "ranks", .. PodTemplate.Command(job)])),
        ("env", List(
            PodTemplate.Variable("MASTER_ADDR", $"{job.Name}-{Pods}-0-0.{job.Name}"),
            PodTemplate.Variable("MASTER_PORT", $"{Port}"),
            PodTemplate.Variable("WORLD_SIZE", $"{job.Size.World}"),
            PodTemplate.Variable("LOCAL_WORLD_SIZE", $"{job.Size.RanksPerNode}"))),
        ("ports", List(Map(("containerPort", Number(Port)), ("name", Text("rendezvous"))))),
        ("resources", PodTemplate.Resources(job)),
        // RDMA pins memory.
        ("securityContext", job.Rdma is null ? null : Map(("capabilities", Map(("add", List(Text("IPC_LOCK"))))))),
    ];
}
