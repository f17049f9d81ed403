using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys of a stack: what a GPU, a fabric and their software make of the data sheet.</summary>
internal static class StackSection
{
    public static ScalarFormat<Precision> Precision { get; } = YamlFormats.OneOf(("bf16", Planning.Precision.Bf16), ("fp8", Planning.Precision.Fp8));

    private static Section<MemoryCoefficients> Memory { get; } = new Section<MemoryCoefficients>()
        .Add("framework", Quantities.Memory, m => m.Framework, (m, v) => m with { Framework = v },
            "Driver context, workspaces and communication buffers.", isRequired: true)
        .Add("fragmentation", Share(), m => m.Fragmentation, (m, v) => m with { Fragmentation = v },
            "Share of dynamic memory that the allocator loses.", isRequired: true)
        .Add("gradient_bytes", Amount(), m => m.GradientBytes, (m, v) => m with { GradientBytes = v }, "Bytes of a gradient as it is kept.")
        .Add("logit_bytes", Amount(), m => m.LogitBytes, (m, v) => m with { LogitBytes = v }, "Bytes for each logit at the peak of the loss.")
        .Add("fused_kernels", YamlFormats.Boolean, m => m.HasFusedKernels, (m, v) => m with { HasFusedKernels = v },
            "True where SwiGLU and rotary embedding are single kernels.")
        .Add("flash_attention", YamlFormats.Boolean, m => m.HasFlashAttention, (m, v) => m with { HasFlashAttention = v },
            "True where attention never writes its scores.")
        .Add("fp8_copy_bytes", Amount(), m => m.Fp8CopyBytes, (m, v) => m with { Fp8CopyBytes = v },
            "Bytes of 8-bit copies of each parameter.")
        .Add("expert_imbalance", Amount(), m => m.ExpertImbalance, (m, v) => m with { ExpertImbalance = v },
            "Most tokens of an expert-parallel rank over the mean.");

    public static Section<StackSpec> Keys { get; } = new Section<StackSpec>()
        .Add("version", YamlFormats.Integer(1), s => s.Version, (s, v) => s with { Version = v }, "Grows with every fit.", isRequired: true)
        .Add("gpus", new ListFormat<string>(new TextFormat("the name of a GPU")), s => s.Gpus, (s, v) => s with { Gpus = v },
            "GPUs that the coefficients hold for.", isRequired: true)
        .Add("fabrics", new ListFormat<Planning.Hardware.FabricKind>(ClusterSection.Fabric), s => s.Fabrics, (s, v) => s with { Fabrics = v },
            "Networks that they hold for.", isRequired: true)
        .Add("precision", Precision, s => s.Precision, (s, v) => s with { Precision = v }, "Format of matrix products.", isRequired: true)
        .Add("evidence", EvidenceWords.Format, s => s.Coefficients.Evidence, (s, v) => With(s, s.Coefficients with { Evidence = v }),
            "interpolated where fitted to runs of this stack, assumed where taken over from another.", isRequired: true)
        .Add("relative_sigma", Amount(), s => s.Coefficients.RelativeSigma, (s, v) => With(s, s.Coefficients with { RelativeSigma = v }),
            "Standard deviation of log(measured / predicted).", isRequired: true)
        .Add("time", Time(), s => s.Coefficients.Time, (s, v) => With(s, s.Coefficients with { Time = v }), isRequired: true)
        .Add("memory", Memory, s => s.Coefficients.Memory, (s, v) => With(s, s.Coefficients with { Memory = v }), isRequired: true)
        .Add("sources", HardwareSections.Citations, s => s.Sources, (s, v) => s with { Sources = v }, "What they were fitted to.", isRequired: true);

    public static StackSpec Blank(string name) => new()
    {
        Name = name, Version = 0, Gpus = [], Fabrics = [], Precision = Planning.Precision.Bf16,
        Coefficients = new StackCoefficients
        {
            Name = name, Time = PhysicalPrior.Of(HardwareSections.BlankGpu("")), RelativeSigma = 0,
            Memory = new MemoryCoefficients { Framework = default, Fragmentation = 0 },
        },
    };

    private static StackSpec With(StackSpec stack, StackCoefficients coefficients) => stack with { Coefficients = coefficients };

    private static Section<TimeCoefficients> Time()
    {
        var section = new Section<TimeCoefficients>();
        foreach (var c in FittedCoefficient.All)
        {
            if (c.IsTime)
                section.Add(c.Name, Quantities.Latency, t => new Seconds(c.Get(t)), (t, v) => c.With(t, v.Value), c.Doc, isRequired: true);
            else
                section.Add(c.Name, Within(c), c.Get, c.With, c.Doc, isRequired: true);
        }

        return section;
    }

    private static ScalarFormat<double> Within(FittedCoefficient c) => YamlFormats.Number(
        $"a number from {YamlFormats.ShowNumber(c.Low)} to {YamlFormats.ShowNumber(c.High)}", v => v >= c.Low && v <= c.High);

    private static ScalarFormat<double> Share() => YamlFormats.Number("a share from 0 to 1", v => v is >= 0 and <= 1);

    private static ScalarFormat<double> Amount() => YamlFormats.Number("a number, 0 or more", v => v >= 0);
}
