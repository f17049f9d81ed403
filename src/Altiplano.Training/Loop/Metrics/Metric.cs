using System.Globalization;

namespace Altiplano.Training.Loop.Metrics;

/// <summary>One number of a step: its key in files, its unit in pictures, where it is read from, and how it is shown.</summary>
public sealed record Metric(string Key, string Unit, Func<StepMetrics, double?> Read, Func<double, string> Show)
{
    public static Metric Step { get; } = new("step", "", m => m.Step, Whole);
    public static Metric TokensSeen { get; } = new("tokens_seen", "", m => m.TokensSeen, Whole);
    public static Metric TrainLoss { get; } = new("train/loss", "nats a token", m => m.TrainLoss, Fixed4);
    public static Metric GradNorm { get; } = new("grad_norm", "before clipping", m => m.GradNorm, Fixed3);
    public static Metric Lr { get; } = new("lr", "", m => m.Lr, Scientific);
    public static Metric TokensPerSecond { get; } = new("tokens_per_s", "", m => m.TokensPerSecond, Whole);
    public static Metric TflopsPerGpu { get; } = new("tflops_per_gpu", "TFLOP/s", m => m.Throughput.Tera, Fixed3);
    public static Metric Mfu { get; } = new("mfu", "share of the peak", m => m.Mfu, v => v.ToString("0.0%", CultureInfo.InvariantCulture));
    public static Metric PeakMemoryGib { get; } = new("memory/peak_gib", "GiB", m => m.PeakMemory.Gib, Fixed3);
    public static Metric StepSeconds { get; } = new("step_s", "s", m => m.StepTime.TotalSeconds, Fixed3);
    public static Metric PowerW { get; } = new("power_w", "W", m => m.PowerW, Whole);

    /// <summary>The metrics that do not depend on which corpora are held out.</summary>
    public static IReadOnlyList<Metric> OfEveryStep { get; } =
        [Step, TokensSeen, TrainLoss, GradNorm, Lr, TokensPerSecond, TflopsPerGpu, Mfu, PeakMemoryGib, StepSeconds, PowerW];

    /// <summary>Loss and bits per byte of the held-out corpus <paramref name="name"/>.</summary>
    public static IEnumerable<Metric> OfHeldOut(string name) => [ValidationLoss(name), ValidationBitsPerByte(name)];

    /// <summary>Loss of the held-out corpus <paramref name="name"/>, in nats a token.</summary>
    public static Metric ValidationLoss(string name) => new(
        name + "/loss", "nats a token", m => m.Validation.FirstOrDefault(v => v.Name == name)?.Loss, Fixed4);

    /// <summary>Bits per byte of the held-out corpus <paramref name="name"/>.</summary>
    public static Metric ValidationBitsPerByte(string name) => new(
        name + "/bpb", "", m => m.Validation.FirstOrDefault(v => v.Name == name)?.BitsPerByte, Fixed4);

    private static string Whole(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Fixed3(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Fixed4(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Scientific(double value) => value.ToString("0.0e-00", CultureInfo.InvariantCulture);
}
