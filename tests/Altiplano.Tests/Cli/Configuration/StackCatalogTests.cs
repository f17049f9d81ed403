using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class StackCatalogTests
{
    private static readonly PresetFolder Presets = PresetFolder.Shipped();
    private static readonly StackCatalog Stacks = new(Presets);
    private static readonly HardwareCatalog Hardware = new(Presets);

    [Fact]
    public void Presets_Shipped_AllReadAndNameGpusThatExist()
    {
        var stacks = Stacks.Stacks.PresetNames.Select(Stacks.Stacks.ReadPreset).ToList();

        stacks.ShouldNotBeEmpty();
        foreach (var stack in stacks)
            stack.Gpus.ShouldAllBe(gpu => Hardware.Gpus.PresetNames.Contains(gpu), stack.Name);
        stacks.SelectMany(s => s.Gpus.SelectMany(g => s.Fabrics.Select(f => (g, f, s.Precision)))).ShouldBeUnique();
    }

    [Theory]
    [InlineData("a100-80g", FabricKind.InfiniBand, Precision.Bf16, "a100-infiniband-bf16", Evidence.Interpolated)]
    [InlineData("a100-80g", FabricKind.OmniPath, Precision.Bf16, "a100-omni-path-bf16", Evidence.Interpolated)]
    [InlineData("a100-80g", FabricKind.InfiniBand, Precision.Fp8, "a100-infiniband-bf16", Evidence.Interpolated)]
    [InlineData("h100-sxm", FabricKind.InfiniBand, Precision.Fp8, "h100-infiniband-fp8", Evidence.Interpolated)]
    [InlineData("h100-sxm", FabricKind.Roce, Precision.Bf16, "h100-roce-bf16", Evidence.Assumed)]
    [InlineData("h100-sxm", FabricKind.OmniPath, Precision.Bf16, "h100-infiniband-bf16", Evidence.Assumed)]
    [InlineData("b200", FabricKind.InfiniBand, Precision.Fp8, "b200-fp8", Evidence.Assumed)]
    public void For_GpuFabricPrecision_PicksTheFileAndGradesIt(string gpu, FabricKind fabric, Precision precision, string name, Evidence evidence)
    {
        var stack = Stacks.For(Hardware.Gpu(gpu), fabric, precision);

        stack.Name.ShouldBe(name);
        stack.Evidence.ShouldBe(evidence);
    }

    [Fact]
    public void For_UnknownGpu_TakesTheNearestAndWidensTheInterval()
    {
        var unknown = Hardware.Gpu("h100-sxm") with { Name = "mine", MemoryBandwidth = new BytesPerSecond(3.3e12) };

        var stack = Stacks.For(unknown, FabricKind.InfiniBand, Precision.Bf16);

        stack.Name.ShouldBe("h100-infiniband-bf16");
        stack.Evidence.ShouldBe(Evidence.Assumed);
        stack.RelativeSigma.ShouldBeGreaterThan(Stacks.Stacks.ReadPreset(stack.Name).Coefficients.RelativeSigma);
    }

    [Fact]
    public void Read_CoefficientOutsideItsRange_IsRefusedWithTheRange()
    {
        using var folder = new TempFolder();
        var path = folder.Write("mine.yaml", "preset: h100-infiniband-bf16\ntime:\n  matrix_efficiency: 1.2\n  launch: 5\n");

        var error = Should.Throw<ConfigException>(() => Stacks.Stacks.Read(path, "--stack"));

        error.Message.ShouldContain("time.matrix_efficiency");
        error.Message.ShouldContain("a number from 0.2 to 0.98");
        error.Message.ShouldContain("time.launch is 5");
    }

    [Fact]
    public void Write_AStack_ReadsBackTheSame()
    {
        using var folder = new TempFolder();
        var path = folder["h100-infiniband-bf16.yaml"];
        var stack = Stacks.Stacks.ReadPreset("h100-infiniband-bf16");

        StackCatalog.Write(stack, path);

        File.ReadAllText(path).ShouldBe(File.ReadAllText(Presets.PathOf("stacks", "h100-infiniband-bf16")));
    }
}
