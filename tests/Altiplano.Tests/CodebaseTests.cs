using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Altiplano.Tests;

/// <summary>Rules that hold for every file of the source tree.</summary>
public sealed partial class CodebaseTests
{
    /// <summary>Which project may refer to which: DESIGN's one direction.</summary>
    private static readonly Dictionary<string, string[]> MayRefer = new()
    {
        ["Altiplano.Planning"] = [],
        ["Altiplano.Torch"] = [],
        ["Altiplano.Data"] = [],
        ["Altiplano.Distributed"] = [],
        ["Altiplano.Training"] = ["Altiplano.Data", "Altiplano.Distributed", "Altiplano.Planning", "Altiplano.Torch"],
        ["Altiplano.Cli"] = ["Altiplano.Training"],
    };

    private static string Root { get; } = FindRoot();

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_GoOneWay(string project)
    {
        var file = XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));
        var references = file.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

        references.Order().ShouldBe(MayRefer[project]);
    }

    [Fact]
    public void Namespace_EveryFile_IsItsFolder()
    {
        var wrong =
            from area in new[] { "src", "tests" }
            from file in SourceFiles(area)
            let folder = Path.GetRelativePath(Path.Combine(Root, area), Path.GetDirectoryName(file)!).Replace('/', '.')
            let stated = NamespaceLine().Match(File.ReadAllText(file))
            where Path.GetFileName(file) is not ("Program.cs" or "AssemblyInfo.cs") && stated.Groups[1].Value != folder
            select $"{file}: namespace {stated.Groups[1].Value}, folder {folder}";

        wrong.ShouldBeEmpty();
    }

    /// <summary>A device whose tensors have no address can then run everything else.</summary>
    [Fact]
    public void DataPointers_OutsideTheKernels_AreNotRead()
    {
        var kernels = Path.Combine(Root, "src", "Altiplano.Torch", "Kernels");
        var declaration = Path.Combine(Root, "src", "Altiplano.Torch", "Native", "NativeMethods.cs");
        var readers = SourceFiles("src").Where(file => file != declaration && AddressReading().IsMatch(File.ReadAllText(file))).ToList();

        readers.ShouldNotBeEmpty();
        readers.Where(file => Path.GetDirectoryName(file) != kernels).ShouldBeEmpty();
    }

    /// <summary>Memory is lent to communication in one place, which makes a buffer of it and computes nothing.</summary>
    [Fact]
    public void LentMemory_OutsideTheAxis_IsNotTaken() =>
        SourceFiles("src").Where(file => File.ReadAllText(file).Contains("LentMemory.", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Root, file)).ShouldBe(["src/Altiplano.Training/Parallel/Axis.cs"]);

    [Fact]
    public void Libtorch_OutputFolder_HasNoCopy() =>
        Directory.GetFiles(AppContext.BaseDirectory, "*torch*.so*", SearchOption.AllDirectories).ShouldBeEmpty();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"aoti_torch_get_data_ptr|\bMemory\.Of\b")]
    private static partial Regex AddressReading();

    private static IEnumerable<string> SourceFiles(string area) => Directory
        .EnumerateFiles(Path.Combine(Root, area), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Altiplano.slnx")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} is in no source tree");
        return folder.FullName;
    }
}
