using k8s;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Tests.Cli.Launch.Kubernetes;

/// <summary>Manifests against the fields that Kubernetes, JobSet (v1alpha2) and the MPI operator (v2beta1) have.</summary>
public sealed class ManifestTests
{
    private const string Metadata = "{name!: text, namespace: text, labels: V1Labels, annotations: V1Labels}";

    private const string JobSet = $$"""
        apiVersion!: jobset.x-k8s.io/v1alpha2
        kind!: JobSet
        metadata!: {{Metadata}}
        spec!:
          network: {enableDNSHostnames: boolean, publishNotReadyAddresses: boolean, subdomain: text}
          successPolicy: {operator!: All|Any, targetReplicatedJobs: [text]}
          failurePolicy:
            maxRestarts: integer
            restartStrategy: Recreate|BlockingRecreate
            rules:
            - name: text
              action!: FailJobSet|RestartJobSet|RestartJobSetAndIgnoreMaxRestarts
              onJobFailureReasons: [BackoffLimitExceeded|DeadlineExceeded|FailedIndexes|MaxFailedIndexesExceeded|PodFailurePolicy]
              targetReplicatedJobs: [text]
          startupPolicy: {startupPolicyOrder!: AnyOrder|InOrder}
          suspend: boolean
          ttlSecondsAfterFinished: integer
          replicatedJobs!:
          - name!: text
            replicas: integer
            template!: {metadata: {{Metadata}}, spec: V1JobSpec }
        """;

    private const string Replica = "{replicas: integer, restartPolicy: Always|OnFailure|Never|ExitCode, template!: V1PodTemplateSpec}";

    private const string MpiJob = $$"""
        apiVersion!: kubeflow.org/v2beta1
        kind!: MPIJob
        metadata!: {{Metadata}}
        spec!:
          slotsPerWorker: integer
          runLauncherAsWorker: boolean
          launcherCreationPolicy: AtStartup|WaitForWorkersReady
          mpiImplementation: OpenMPI|Intel|MPICH
          sshAuthMountPath: text
          runPolicy:
            cleanPodPolicy: Running|All|None
            backoffLimit: integer
            activeDeadlineSeconds: integer
            ttlSecondsAfterFinished: integer
            suspend: boolean
            schedulingPolicy: {minAvailable: integer, queue: text, priorityClass: text}
          mpiReplicaSpecs!:
            Launcher!: {{Replica}}
            Worker: {{Replica}}
        """;

    private static readonly Dictionary<string, Action<YamlNode>> Classes = new()
    {
        ["V1JobSpec"] = Strictly<V1JobSpec>,
        ["V1PodTemplateSpec"] = Strictly<V1PodTemplateSpec>,
        ["V1Labels"] = Strictly<Dictionary<string, string>>,
    };

    public static TheoryData<string, string> Mistakes => new()
    {
        { "maxRestarts: 50", "maxRestart: 50" },
        { "maxRestarts: 50", "maxRestarts: many" },
        { "action: FailJobSet", "action: FailJobset" },
        { "parallelism: 2", "paralelism: 2" },
        { "terminationGracePeriodSeconds: 120", "terminationGracePeriod: 120" },
        { "medium: Memory", "medum: Memory" },
        { "    name: rendezvous", "    nmae: rendezvous" },
    };

    [Theory]
    [InlineData]
    [InlineData("--queue", "training", "--topology", "cloud.provider.com/rack")]
    [InlineData("--topology", "cloud.provider.com/rack", "--rdma", "rdma/ib=8", "--memory", "64Gi", "--namespace", "team", "--name", "big")]
    public void JobSet_Options_HaveNoOtherFields(params string[] options)
    {
        var (runFile, job) = Write(["--gpus-per-node", "2", .. options]);

        Strictly<V1ConfigMap>(StructuralSchema.Parse(runFile));
        new StructuralSchema(JobSet, Classes).FindProblems(StructuralSchema.Parse(job)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData]
    [InlineData("--topology", "cloud.provider.com/rack", "--memory", "64Gi")]
    [InlineData("--queue", "training", "--topology", "cloud.provider.com/rack", "--namespace", "team")]
    public void MpiJob_Options_HaveNoOtherFields(params string[] options) =>
        new StructuralSchema(MpiJob, Classes).FindProblems(StructuralSchema.Parse(Write(["--cpu", .. options]).Job)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Schema_Mistake_IsFound(string right, string wrong)
    {
        var job = Write(["--gpus-per-node", "2"]).Job;
        job.ShouldContain(right);

        new StructuralSchema(JobSet, Classes).FindProblems(StructuralSchema.Parse(job.Replace(right, wrong, StringComparison.Ordinal))).ShouldHaveSingleItem();
    }

    [Fact]
    public void JobSet_FailuresAndSignals_GoOnFromTheLastCheckpoint()
    {
        var spec = JobSpecOf(Write(["--gpus-per-node", "2", "--grace", "600", "--max-requeues", "7"]).Job, out var job);

        Text(job, "spec", "failurePolicy", "maxRestarts").ShouldBe("7");
        (spec.Completions, spec.Parallelism, spec.CompletionMode, spec.BackoffLimit).ShouldBe((2, 2, "Indexed", 0));
        spec.PodFailurePolicy.Rules.Select(rule => rule.Action).ShouldBe(["Ignore", "FailJob"]);
        spec.PodFailurePolicy.Rules[0].OnPodConditions.Single().Type.ShouldBe("DisruptionTarget");
        spec.PodFailurePolicy.Rules[1].OnExitCodes.Values.ShouldBe([1, 2]);
        spec.Template.Spec.RestartPolicy.ShouldBe("Never");
        spec.Template.Spec.TerminationGracePeriodSeconds.ShouldBe(600);
    }

    [Fact]
    public void JobSet_Pod_HasWhatRanksNeed()
    {
        var pod = JobSpecOf(Write(["--gpus-per-node", "2", "--cpus-per-task", "8", "--rdma", "rdma/ib=2", "--shm", "32Gi"]).Job, out _).Template.Spec;
        var container = pod.Containers.Single();

        container.Resources.Limits.ToDictionary(limit => limit.Key, limit => limit.Value.ToString()).ShouldBe(
            new Dictionary<string, string> { ["cpu"] = "16", ["nvidia.com/gpu"] = "2", ["rdma/ib"] = "2" }, ignoreOrder: true);
        container.SecurityContext.Capabilities.Add.ShouldBe(["IPC_LOCK"]);
        container.Env.ToDictionary(variable => variable.Name, variable => variable.Value).ShouldBe(
            new Dictionary<string, string>
            {
                ["MASTER_ADDR"] = "first-run-nodes-0-0.first-run", ["MASTER_PORT"] = "29500", ["WORLD_SIZE"] = "4", ["LOCAL_WORLD_SIZE"] = "2",
            }, ignoreOrder: true);
        container.Command.Skip(4).ShouldBe(["altiplano", "train", "/etc/altiplano/run.yaml", "--set", "run.threads=8"]);
        var memory = pod.Volumes.Single(volume => volume.EmptyDir is not null);
        (memory.EmptyDir.Medium, memory.EmptyDir.SizeLimit.ToString()).ShouldBe(("Memory", "32Gi"));
        container.VolumeMounts.Single(mount => mount.Name == memory.Name).MountPath.ShouldBe("/dev/shm");
    }

    [Fact]
    public void MpiJob_Launcher_SavesBeforeItEnds()
    {
        var launcher = PodOf(Write(["--cpu", "--nodes", "2"]).Job, "Launcher").Spec;

        launcher.Containers.Single().Command.Take(6).ShouldBe(["mpirun", "--allow-run-as-root", "-n", "4", "--bind-to", "none"]);
        launcher.Containers.Single().Lifecycle.PreStop.Exec.Command[^1].ShouldStartWith("kill -s USR1 1; while kill -0 1");
        launcher.TerminationGracePeriodSeconds.ShouldBe(120);
    }

    [Fact]
    public void MpiJob_Topology_HoldsTheWorkersTogether()
    {
        var workers = PodOf(Write(["--cpu", "--topology", "rack"]).Job, "Worker");
        var term = workers.Spec.Affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution.Single();

        term.TopologyKey.ShouldBe("rack");
        term.LabelSelector.MatchLabels.ShouldBeSubsetOf(workers.Metadata.Labels);
    }

    [Fact]
    public void RunFile_Pods_ReadTheResolvedOne()
    {
        using var run = new LaunchRun();
        var text = KubernetesYaml.Deserialize<V1ConfigMap>(Write(run, ["--cpu"]).RunFile).Data["run.yaml"];
        var file = Path.Combine(run.Folder, "again.yaml");
        File.WriteAllText(file, text);

        text.ShouldContain($"out: {run.Folder}/out/First Run");
        new Altiplano.Cli.Configuration.RunFile(Altiplano.Cli.Configuration.PresetFolder.Shipped()).ReadPlanned(file, []).Run.Steps.ShouldBe(80);
    }

    [Theory]
    [InlineData("--name", "First", "--name is \"First\", but host names are made of it: up to 40 lower-case letters, digits and -, a letter first. Write it so.")]
    [InlineData("--namespace", "a_b", "--namespace is \"a_b\", but a namespace has lower-case letters, digits and - only. Write it so.")]
    [InlineData("--memory", "64GB", "--memory is \"64GB\", but it must be a number with Mi, Gi, Ti, M, G or T behind it, such as 64Gi.")]
    [InlineData("--queue", "a b", "--queue is \"a b\", but Kubernetes takes names such as topology.kubernetes.io/zone here. Write it so.")]
    [InlineData("--rdma", "8", "--rdma is \"8\", but it must be RESOURCE=N, such as rdma/ib=8.")]
    [InlineData("--volume", "claim", "--volume is \"claim:\", but it must be CLAIM:/PATH, with the name of a PersistentVolumeClaim.")]
    public void Write_ValueThatKubernetesRefuses_IsRefused(string option, string value, string problem)
    {
        using var run = new LaunchRun();

        run.Refuse("--kubernetes", "--container", "image", "--volume", $"data:{run.Folder}", option, value).ShouldBe([problem]);
    }

    [Fact]
    public void Write_NoImageAndNoVolume_IsRefused()
    {
        using var run = new LaunchRun();

        run.Refuse("--kubernetes", "--volume", "data:/data").ShouldBe(
        [
            "--container is missing, but pods are made of an image. Name one with altiplano on its PATH.",
            $"run.out is {run.Folder}/out/First Run, but no volume is mounted there, so the pods would not see it. Use --volume CLAIM:{run.Folder}/out, or another path.",
            $"data.train[0] is {run.Folder}/tokens, but no volume is mounted there, so the pods would not see it. Use --volume CLAIM:{run.Folder}, or another path.",
        ]);
    }

    private static (string RunFile, string Job) Write(string[] options)
    {
        using var run = new LaunchRun();
        return Write(run, options);
    }

    private static (string RunFile, string Job) Write(LaunchRun run, string[] options)
    {
        var documents = run.Write(["--kubernetes", "--container", "registry/altiplano:1", "--volume", $"data:{run.Folder}", .. options]).Split("---\n");
        documents.Length.ShouldBe(2);
        return (documents[0], documents[1]);
    }

    private static V1JobSpec JobSpecOf(string manifest, out YamlNode job)
    {
        job = StructuralSchema.Parse(manifest);
        return KubernetesYaml.Deserialize<V1JobSpec>(Serialize(job["spec"]["replicatedJobs"][0]["template"]["spec"]));
    }

    private static V1PodTemplateSpec PodOf(string manifest, string replica) =>
        KubernetesYaml.Deserialize<V1PodTemplateSpec>(Serialize(StructuralSchema.Parse(manifest)["spec"]["mpiReplicaSpecs"][replica]["template"]));

    private static string? Text(YamlNode node, params string[] path) => ((YamlScalarNode)path.Aggregate(node, (inner, key) => inner[key])).Value;

    private static void Strictly<T>(YamlNode node) => KubernetesYaml.Deserialize<T>(Serialize(node), strict: true);

    private static string Serialize(YamlNode node)
    {
        using var text = new StringWriter();
        new YamlStream(new YamlDocument(node)).Save(text, assignAnchors: false);
        return text.ToString();
    }
}
