using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Cli.Configuration;

/// <summary>The coefficient files of <c>presets/stacks</c>, chosen by GPU, fabric and precision and by nothing else.</summary>
internal sealed class StackCatalog
{
    // A stack that stands in for another widens every interval.
    private const double StandInSigma = 1.5;

    private readonly HardwareCatalog _hardware;
    private readonly Dictionary<(string Gpu, FabricKind Fabric, Precision Precision), StackCoefficients> _chosen = [];

    public StackCatalog(PresetFolder presets)
    {
        _hardware = new HardwareCatalog(presets);
        Stacks = new(presets, "stacks", StackSection.Blank, s => s.Name, Named, StackSection.Keys);
    }

    public DescriptionCatalog<StackSpec> Stacks { get; }

    /// <summary>The file for a GPU, a fabric and a precision or, where there is none, the nearest, graded assumed.</summary>
    /// <exception cref="ConfigException">There are no stacks, or one has problems.</exception>
    public StackCoefficients For(GpuSpec gpu, FabricKind fabric, Precision precision)
    {
        var wanted = precision == Precision.Fp8 && gpu.PeakFp8 is not null ? Precision.Fp8 : Precision.Bf16;
        var key = (gpu.Name, fabric, wanted);
        if (!_chosen.TryGetValue(key, out var stack))
            _chosen[key] = stack = Choose(gpu, fabric, wanted);
        return stack;
    }

    /// <summary>The file that <see cref="For"/> takes.</summary>
    public StackSpec Nearest(GpuSpec gpu, FabricKind fabric, Precision precision) => Rank(gpu, fabric, precision).Stack;

    /// <summary>Writes a stack so that <see cref="Stacks"/> reads it back.</summary>
    public static void Write(StackSpec stack, string path) => File.WriteAllText(path, YamlText.Write(StackSection.Keys.Write(stack)));

    private StackCoefficients Choose(GpuSpec gpu, FabricKind fabric, Precision precision)
    {
        var nearest = Rank(gpu, fabric, precision);
        var coefficients = nearest.Stack.Coefficients with { Name = nearest.Stack.Name };
        if (nearest.Distance == 0)
            return coefficients.Evidence == Evidence.Assumed ? coefficients with { Assumption = WhyAssumed(nearest.Stack) } : coefficients;
        return coefficients with
        {
            Evidence = Evidence.Assumed,
            RelativeSigma = coefficients.RelativeSigma * StandInSigma,
            Assumption = $"coefficients of {coefficients.Name}, the nearest stack: there is none of {gpu.Name} with " +
                $"{ClusterSection.Fabric.Show(fabric)} in {StackSection.Precision.Show(precision)}",
        };
    }

    private static string WhyAssumed(StackSpec stack) =>
        $"coefficients of {stack.Name}, which is graded assumed{(stack.Sources.Count > 0 ? $" ({string.Join("; ", stack.Sources)})" : "")}";

    private (StackSpec Stack, double Distance) Rank(GpuSpec gpu, FabricKind fabric, Precision precision)
    {
        var nearest = Stacks.PresetNames.Select(Stacks.ReadPreset)
            .Select(stack => (Stack: stack, Distance: Distance(stack, gpu, fabric, precision)))
            .MinBy(candidate => candidate.Distance);
        return nearest.Stack is null
            ? throw new ConfigException("presets/stacks holds no stack. Put the presets folder of the repository beside the program.")
            : nearest;
    }

    /// <summary>Precision counts before generation (fp8 or not), generation before rates, rates before the fabric.</summary>
    private double Distance(StackSpec stack, GpuSpec gpu, FabricKind fabric, Precision precision)
    {
        var distance = stack.Precision == precision ? 0 : 100.0;
        if (!stack.Fabrics.Contains(fabric))
            distance += 0.01;
        return stack.Gpus.Contains(gpu.Name) ? distance : distance + stack.Gpus.Min(name => Distance(_hardware.Gpu(name), gpu));
    }

    private static double Distance(GpuSpec a, GpuSpec b) =>
        (a.PeakFp8 is null == b.PeakFp8 is null ? 0.1 : 10)
        + Math.Abs(Math.Log(a.PeakBf16.Value / b.PeakBf16.Value))
        + Math.Abs(Math.Log(a.MemoryBandwidth.Value / b.MemoryBandwidth.Value))
        + Math.Abs(Math.Log(a.PowerLimit.Value / b.PowerLimit.Value));

    private static StackSpec Named(StackSpec stack, string name) =>
        stack with { Name = name, Coefficients = stack.Coefficients with { Name = name } };
}
