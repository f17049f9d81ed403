using System.Text;

namespace Altiplano.Cli.Configuration;

/// <summary>The page that lists every key of a cluster file: docs/cluster-file.md, printed by <c>config keys --cluster</c>.</summary>
internal static class ClusterFileReference
{
    private const string Introduction = """
        # Cluster file

        One YAML file describes the machines of an owner; a run file names it as `cluster`, and `plan` takes it as `--cluster`. This page is
        printed by `./altiplano config keys --cluster` from the tables that read the file. The presets in `presets/clusters`, `presets/servers`
        and `presets/gpus` are such files.

        ```yaml
        preset: h100-1024          # everything that the keys below do not say
        num_gpus: 512
        server: { preset: hgx-h100, gpu: h100-sxm-500w }
        facility: { pue: 1.25 }
        evidence: { facility.pue: measured }
        ```

        - `preset` starts from a preset; the other keys change it, and a mapping inside a mapping changes only what it names. A list replaces
          the whole list. Without `preset` every key marked required must be there.
        - `server` and `gpu` are the name of a preset, the path of a file, or a mapping of the keys below, which may have a `preset` itself.
        - A quantity carries its unit: `700W`, `450GB/s` (bytes), `400Gb/s` (bits), `80GiB`, `3.6us`, `2.35$`. GB is 1e9, GiB is 2^30.
        - `evidence` says what a figure rests on; a key that it does not name is taken from a data sheet or another published source.
        - Tiers of `network.tiers` come inner to outer: the first holds at least a server, the last reaches the whole cluster.
        - All problems are reported together, each with line and column.

        """;

    private const string MachineIntroduction = """

        ## calibrated machine

        A machine without GPUs, whose ranks are processes or threads on its cores. `altiplano calibrate --out FILE` measures it and writes this
        file, which stands wherever a cluster file may for `plan` and `reconcile`; docs/reconcile.md says what is measured. Its key `ranks`
        tells it from a cluster.
        """;

    public static string ToMarkdown(HardwareCatalog catalog, MachineCatalog machines)
    {
        var page = new StringBuilder(Introduction);
        Append(page, "cluster", catalog.Clusters.Describe());
        Append(page, "network.tiers[]", ClusterSection.DescribeTier());
        Append(page, "server", catalog.Servers.Describe());
        Append(page, "gpu", catalog.Gpus.Describe());
        page.AppendLine(MachineIntroduction);
        Append(page, "machine", machines.Machines.Describe());
        Append(page, "ranks[]", MachineSections.DescribeRanks());
        return page.ToString();
    }

    private static void Append(StringBuilder page, string title, IEnumerable<KeyDescription> keys)
    {
        KeyTable.AppendHead(page, title);
        foreach (var key in keys)
            KeyTable.AppendRow(page, key);
    }
}
