using System.Runtime.CompilerServices;
using Altiplano.Cli.Configuration;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class ClusterFileReferenceTests
{
    [Fact]
    public void ToMarkdown_AllKeys_IsThePageInDocs()
    {
        var page = ClusterFileReference.ToMarkdown(new HardwareCatalog(PresetFolder.Shipped()), new MachineCatalog(PresetFolder.Shipped()));

        File.ReadAllText(DocsPage()).ShouldBe(page, "Write it again: ./altiplano config keys --cluster > docs/cluster-file.md");
    }

    /// <summary>The example at the head of the page.</summary>
    [Fact]
    public void Page_Example_IsACluster()
    {
        using var folder = new TempFolder();
        var yaml = File.ReadAllText(DocsPage()).Split("```yaml\n")[1].Split("```")[0];

        new HardwareCatalog(PresetFolder.Shipped()).Cluster(folder.Write("mine.yaml", yaml)).NumGpus.ShouldBe(512);
    }

    private static string DocsPage([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath("../../../../docs/cluster-file.md", Path.GetDirectoryName(thisFile)!);
}
