using System.Runtime.CompilerServices;
using Altiplano.Planning.Backtest;

namespace Altiplano.Tests.Planning.Backtest;

public sealed class CaseReferenceTests
{
    [Fact]
    public void ToMarkdown_AllKeys_IsThePageInDocs() =>
        File.ReadAllText(DocsPage()).ShouldBe(CaseReference.ToMarkdown(), "Write it again: ./altiplano backtest --keys > docs/cases.md");

    [Fact]
    public void ToMarkdown_EveryKey_IsListedOnce()
    {
        var rows = CaseReference.ToMarkdown().Split('\n');

        foreach (var key in CaseKeys.All)
        {
            rows.Count(row => row.StartsWith($"| `{key.Path}` |", StringComparison.Ordinal) && row.EndsWith($"| {key.Doc} |", StringComparison.Ordinal))
                .ShouldBe(1, key.Path);
        }
    }

    private static string DocsPage([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath("../../../../docs/cases.md", Path.GetDirectoryName(thisFile)!);
}
