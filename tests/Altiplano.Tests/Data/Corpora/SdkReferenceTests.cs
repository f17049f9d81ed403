using Altiplano.Data.Corpora;

namespace Altiplano.Tests.Data.Corpora;

/// <summary>The reference text of the SDK of this machine: what the quick start trains on.</summary>
public sealed class SdkReferenceTests
{
    [Fact]
    public void Extract_ThisSdk_GivesMegabytesOfTextWithoutMarkup()
    {
        if (!DotnetRoot.Candidates().Any(HasReference))
            Assert.Skip($"no SDK with reference packs in {string.Join(", ", DotnetRoot.Candidates())}");

        var reference = ApiReference.Extract();

        var (train, val, members) = (Characters(reference.Train), Characters(reference.Val), Characters(reference.ValMembers));
        train.ShouldBeGreaterThan(2_000_000);
        ((double)val / (train + val + members)).ShouldBe(ApiReference.HeldOutShare, 0.02);
        ((double)members / (train + val + members)).ShouldBe(ApiReference.HeldOutShare, 0.02);
        reference.Train.Count(document => document.Text.Contains("<see cref", StringComparison.Ordinal)).ShouldBe(0);
        var lines = reference.Train.SelectMany(document => document.Text.Split('\n')).ToHashSet();
        reference.Val.SelectMany(document => document.Text.Split('\n')).Where(line => line.Length > 0 && lines.Contains(line)).ShouldBeEmpty();
    }

    private static long Characters(IEnumerable<Document> documents) => documents.Sum(document => (long)document.Text.Length);

    private static bool HasReference(string root) => Directory.Exists(Path.Combine(root, "packs"))
        && Directory.EnumerateFiles(Path.Combine(root, "packs"), "System.Runtime.xml", SearchOption.AllDirectories).Any();
}
