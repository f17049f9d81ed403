using Altiplano.Cli.Configuration;
using YamlDotNet.RepresentationModel;
using static Altiplano.Cli.Launch.Kubernetes.Tree;

namespace Altiplano.Cli.Launch.Kubernetes;

/// <summary>What kubectl creates: the run file, and the job that reads it.</summary>
internal static class Manifest
{
    /// <summary>A JobSet for ranks with GPUs, which find one another by NCCL; an MPIJob for ranks without.</summary>
    public static string Of(KubernetesJob job) => string.Join("---\n",
        $"# Written by 'altiplano launch --kubernetes': {job.Size.Describe()}.\n{YamlText.Write(RunFileOf(job))}",
        YamlText.Write(job.Size.HasGpus ? JobSetManifest.Of(job) : MpiJobManifest.Of(job)));

    /// <summary>Name, namespace and Kueue's queue, which every object has.</summary>
    public static YamlMappingNode Metadata(KubernetesJob job, params IEnumerable<(string, YamlNode?)> more) => Map([
        ("name", Text(job.Name)),
        ("namespace", job.Namespace is { } space ? Text(space) : null),
        .. more,
    ]);

    public static YamlMappingNode? QueueLabel(KubernetesJob job) =>
        job.Queue is { } queue ? Map(("kueue.x-k8s.io/queue-name", Text(queue))) : null;

    private static YamlMappingNode RunFileOf(KubernetesJob job) => Map(
        ("apiVersion", Text("v1")),
        ("kind", Text("ConfigMap")),
        ("metadata", Metadata(job)),
        ("data", Map((Path.GetFileName(PodTemplate.RunFile), Text(job.RunFileText)))));
}
