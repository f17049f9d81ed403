using Altiplano.Planning.Units;

namespace Altiplano.Training.Loop;

/// <summary>Resident memory of this process, as Linux counts it.</summary>
public static class ProcessMemory
{
    /// <summary>The most that was resident at once since the process started.</summary>
    public static Bytes Peak() => Read("VmHWM:");

    /// <summary>What is resident now.</summary>
    public static Bytes Current() => Read("VmRSS:");

    /// <summary>Memory that this process may use: the machine's, or its control group's limit.</summary>
    public static Bytes Available() => new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    private static Bytes Read(string key)
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
                return new Bytes(long.Parse(line.AsSpan(key.Length).TrimEnd("kB ").Trim()) * 1024);
        }

        return default;
    }
}
