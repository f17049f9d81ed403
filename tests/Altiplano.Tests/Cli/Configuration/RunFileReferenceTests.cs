using System.Runtime.CompilerServices;
using Altiplano.Cli.Configuration;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class RunFileReferenceTests
{
    [Fact]
    public void ToMarkdown_AllKeys_IsThePageInDocs()
    {
        var page = RunFileReference.ToMarkdown(new RunFile(PresetFolder.Shipped()).Describe());

        File.ReadAllText(DocsPage()).ShouldBe(page, "Write it again: ./altiplano config keys > docs/run-file.md");
    }

    private static string DocsPage([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath("../../../../docs/run-file.md", Path.GetDirectoryName(thisFile)!);
}
