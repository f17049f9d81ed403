using System.Globalization;

namespace Altiplano.Training.Measuring.Power;

/// <summary>The energy counters of the processor packages and their memory, as Linux shows them.</summary>
/// <remarks>
/// Zones are <c>intel-rapl:N</c> (also on AMD) and those of memory <c>intel-rapl:N:M</c>; cores and graphics are parts of a package. A
/// counter turns over at its range. Source: Documentation/power/powercap of the Linux kernel.
/// </remarks>
internal sealed class RaplCounters
{
    /// <summary>Where Linux has them.</summary>
    public const string SysFolder = "/sys/class/powercap";

    private const double JoulesPerMicrojoule = 1e-6;

    private readonly List<Zone> _zones;

    private RaplCounters(List<Zone> zones) => _zones = zones;

    /// <summary>The counters that this user may read; null where there are none.</summary>
    /// <param name="folder"><see cref="SysFolder"/>, or a folder like it.</param>
    public static RaplCounters? Find(string folder)
    {
        if (!Directory.Exists(folder))
            return null;
        var zones = Directory.GetDirectories(folder, "intel-rapl:*").Order(StringComparer.Ordinal).Where(IsCounted).Select(Zone.TryOpen).OfType<Zone>().ToList();
        return zones.Count == 0 ? null : new RaplCounters(zones);
    }

    /// <summary>Joules since the reading before, or since <see cref="Find"/>.</summary>
    public double ReadJoules() => _zones.Sum(zone => zone.ReadMicrojoules()) * JoulesPerMicrojoule;

    private static bool IsCounted(string zone) =>
        TryRead(Path.Combine(zone, "name")) is { } name && (name.StartsWith("package", StringComparison.Ordinal) || name == "dram");

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class Zone(string counter, long range, long before)
    {
        private long _before = before;

        public static Zone? TryOpen(string folder)
        {
            var counter = Path.Combine(folder, "energy_uj");
            return ParseCount(TryRead(counter)) is { } now && ParseCount(TryRead(Path.Combine(folder, "max_energy_range_uj"))) is { } range
                ? new Zone(counter, range, now)
                : null;
        }

        public double ReadMicrojoules()
        {
            if (ParseCount(TryRead(counter)) is not { } now)
                return 0;
            var passed = now >= _before ? now - _before : range - _before + now;
            _before = now;
            return passed;
        }

        private static long? ParseCount(string? text) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
