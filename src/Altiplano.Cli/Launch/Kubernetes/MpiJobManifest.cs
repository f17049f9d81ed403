using YamlDotNet.RepresentationModel;
using static Altiplano.Cli.Launch.Kubernetes.Tree;

namespace Altiplano.Cli.Launch.Kubernetes;

/// <summary>An MPIJob: a launcher with mpirun, and workers with sshd that it starts the ranks on.</summary>
internal static class MpiJobManifest
{
    /// <summary>
    /// Tells the ranks to save, and waits until they have: mpirun passes SIGUSR1 on at once, but kills the ranks two seconds after SIGTERM.
    /// </summary>
    private const string SaveFirst = "kill -s USR1 1; while kill -0 1 2>/dev/null; do sleep 1; done";

    public static YamlMappingNode Of(KubernetesJob job) => Map(
        ("apiVersion", Text("kubeflow.org/v2beta1")),
        ("kind", Text("MPIJob")),
        ("metadata", Manifest.Metadata(job, ("labels", Manifest.QueueLabel(job)))),
        ("spec", Map(
            ("slotsPerWorker", Number(job.Size.RanksPerNode)),
            ("mpiImplementation", Text("OpenMPI")),
            ("launcherCreationPolicy", Text("WaitForWorkersReady")),
            ("runPolicy", Map(("cleanPodPolicy", Text("Running")), ("backoffLimit", Number(job.MaxRestarts)))),
            ("mpiReplicaSpecs", Map(
                ("Launcher", Replica(1, PodTemplate.Of(job, "launcher", Launcher(job), more: []))),
                ("Worker", Replica(job.Size.Nodes, PodTemplate.Of(job, "worker", Worker(job), Affinity(job)))))))));

    private static YamlMappingNode Replica(int count, YamlMappingNode template) =>
        Map(("replicas", Number(count)), ("restartPolicy", Text("Never")), ("template", template));

    private static IEnumerable<(string, YamlNode?)> Launcher(KubernetesJob job)
    {
        string[] mpirun = ["mpirun", "--allow-run-as-root", "-n", $"{job.Size.World}", "--bind-to", "none", "-x", "TERM"];
        string[] save = ["/bin/sh", "-c", SaveFirst];
        return
        [
            ("command", Texts([.. mpirun, .. PodTemplate.Command(job)])),
            ("env", List(PodTemplate.Variable("TERM", "dumb"))),
            ("lifecycle", Map(("preStop", Map(("exec", Map(("command", Texts(save)))))))),
        ];
    }

    private static IEnumerable<(string, YamlNode?)> Worker(KubernetesJob job) => [("resources", PodTemplate.Resources(job))];

    /// <summary>All workers where the label has one value; with Kueue, its own annotation says so.</summary>
    private static IEnumerable<(string, YamlNode?)> Affinity(KubernetesJob job)
    {
        if (job is not { Queue: null, Topology: { } label })
            return [];
        var workers = Map(("app.kubernetes.io/instance", Text(job.Name)), ("app.kubernetes.io/component", Text("worker")));
        var term = Map(("labelSelector", Map(("matchLabels", workers))), ("topologyKey", Text(label)));
        return [("affinity", Map(("podAffinity", Map(("requiredDuringSchedulingIgnoredDuringExecution", List(term))))))];
    }
}
