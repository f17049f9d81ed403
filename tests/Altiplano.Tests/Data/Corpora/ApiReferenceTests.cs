using Altiplano.Data;
using Altiplano.Data.Corpora;

namespace Altiplano.Tests.Data.Corpora;

public sealed class ApiReferenceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Extract_MarkedUpText_IsPlainProse()
    {
        WriteXml("A", """
            <member name="T:N.Widget`1"><summary>A <see cref="T:System.String"/> and <see langword="null" />.</summary></member>
            <member name="M:N.Widget`1.Turn(System.Int32)">
              <summary>Turns <paramref name="count"/> times;
                 see <see cref="M:N.Widget`1.#ctor(System.Int32)">the constructor</see>.</summary>
              <param name="count">left out</param>
              <returns><see langword="true" /> if <c>a &lt; b</c>; else <see cref="M:System.Collections.Generic.List`1.#ctor" />.</returns>
              <remarks><para>One.</para><para>Two:</para><list><item><term>x</term><description>first</description></item></list></remarks>
            </member>
            """);

        All().ShouldBe(["A System.String and null.\nTurns count times; see the constructor.\ntrue if a < b; else System.Collections.Generic.List.\nOne. Two: x: first\n"]);
    }

    [Fact]
    public void Extract_OneAssembly_IsOneDocumentWithAnEmptyLineBetweenTypes()
    {
        WriteXml("A", Member("T:N.One", "first") + Member("M:N.One.Go(System.String)", "second") + Member("T:N.Two", "third"));

        All().ShouldBe(["first\nsecond\n\nthird\n"]);
    }

    [Fact]
    public void Extract_TextThatStandsTwice_IsKeptOnce()
    {
        WriteXml("A", Member("T:N.One", "The same text."));
        WriteXml("B", Member("T:N.Two", "the  same text"));

        All().ShouldBe(["The same text.\n"]);
    }

    [Fact]
    public void Extract_TwoVersionsOfAPack_ReadsTheNewest()
    {
        WriteXml("A", Member("T:N.One", "old"), version: "9.0.1");
        WriteXml("A", Member("T:N.One", "new"), version: "10.0.0");

        All().ShouldBe(["new\n"]);
    }

    [Fact]
    public void Extract_ManyAssemblies_HoldsOutTheSharesAndNothingTwice()
    {
        for (var assembly = 0; assembly < 100; assembly++)
        {
            WriteXml($"Assembly{assembly}", string.Concat(Enumerable.Range(0, 60).Select(member =>
                Member($"M:N.Type{assembly}.Member{member}", $"Text number {(assembly * 60) + member:D5} of all."))));
        }

        var reference = ApiReference.Extract([_folder.Root]);

        var (train, val, members) = (Lines(reference.Train), Lines(reference.Val), Lines(reference.ValMembers));
        val.Count.ShouldBeInRange(120, 180); // 2 or 3 of 100 assemblies
        members.Count.ShouldBeInRange(120, 230); // 175, four standard deviations of 13
        train.Concat(val).Concat(members).Distinct().Count().ShouldBe(6000);
        (train.Count + val.Count + members.Count).ShouldBe(6000);
        reference.Val.Count.ShouldBe(val.Count / 60);
    }

    [Fact]
    public void Extract_ParagraphOfTrainingInHeldOutMember_IsDroppedThere()
    {
        for (var assembly = 0; assembly < 50; assembly++)
        {
            WriteXml($"Assembly{assembly}", string.Concat(Enumerable.Range(0, 60).Select(member =>
                $"<member name=\"M:N.Type{assembly}.Member{member}\"><summary>Text number {(assembly * 60) + member:D5}.</summary>" +
                "<returns>The phrase of all.</returns></member>")));
        }

        var reference = ApiReference.Extract([_folder.Root]);

        Lines(reference.Train).ShouldContain("The phrase of all.");
        Lines(reference.Val).ShouldNotBeEmpty();
        Lines(reference.ValMembers).ShouldNotBeEmpty();
        Lines(reference.Val).Concat(Lines(reference.ValMembers)).ShouldNotContain("The phrase of all.");
    }

    [Fact]
    public void Extract_NoReferencePacks_NamesDataOption()
    {
        var error = Should.Throw<DataFormatException>(() => ApiReference.Extract([_folder.Root, "/nowhere"]));

        error.Message.ShouldBe(
            $"No API reference: there is no packs/*/*/ref/*/*.xml under {_folder.Root}, /nowhere. " +
            "The quick start trains on the text that the .NET SDK brings. Set DOTNET_ROOT to an SDK that has its reference " +
            "packs, " +
            "or give your own text with --data PATH.");
    }

    [Fact]
    public void Extract_DamagedXml_NamesTheFile()
    {
        WriteXml("A", "<member name=\"T:N.One\"><summary>never closed");

        var error = Should.Throw<DataFormatException>(() => ApiReference.Extract([_folder.Root]));

        error.Message.ShouldStartWith($"{_folder["packs/Some.Ref/10.0.0/ref/net10.0/A.xml"]} is not well-formed XML: ");
        error.Message.ShouldEndWith("Reinstall the SDK, or give other text with --data.");
    }

    [Fact]
    public void Extract_SdkOfThisMachine_GivesMegabytesOfText()
    {
        var roots = DotnetRoot.Candidates();
        if (!roots.Any(root => Directory.Exists(Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref"))))
            Assert.Skip("the .NET SDK of this machine has no reference packs");

        var reference = ApiReference.Extract();

        var (train, val, members) = (Size(reference.Train), Size(reference.Val), Size(reference.ValMembers));
        train.ShouldBeGreaterThan(4_000_000);
        ((double)val / (train + val + members)).ShouldBeInRange(0.02, 0.04);
        ((double)members / (train + members)).ShouldBeInRange(0.02, 0.04);
    }

    private static string Member(string name, string summary) => $"<member name=\"{name}\"><summary>{summary}</summary></member>";

    private static List<string> Lines(IReadOnlyList<Document> documents) =>
        [.. documents.SelectMany(document => document.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    private static long Size(IReadOnlyList<Document> documents) => documents.Sum(document => (long)document.Text.Length);

    private List<string> All()
    {
        var reference = ApiReference.Extract([_folder.Root]);
        return [.. reference.Train.Concat(reference.Val).Concat(reference.ValMembers).Select(document => document.Text)];
    }

    private void WriteXml(string assembly, string members, string version = "10.0.0") => _folder.Write(
        $"packs/Some.Ref/{version}/ref/net10.0/{assembly}.xml",
        $"<?xml version=\"1.0\"?><doc><assembly><name>{assembly}</name></assembly><members>{members}</members></doc>");
}
