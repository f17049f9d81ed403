using System.Diagnostics;

namespace Altiplano.Training.Measuring.Power;

/// <summary>Watts of this machine's processors and GPUs, where it tells them.</summary>
internal sealed class PowerMeter(RaplCounters? processors, NvmlDevices? gpus) : IDisposable
{
    private long _last = Stopwatch.GetTimestamp();

    public static PowerMeter OfThisMachine() => new(RaplCounters.Find(RaplCounters.SysFolder), NvmlDevices.Find(NvmlDevices.LibraryName));

    /// <summary>Mean watts of the processor packages and their memory since the call before; null where the machine does not tell.</summary>
    public double? CpuWatts()
    {
        if (processors is null)
            return null;
        var now = Stopwatch.GetTimestamp();
        var seconds = Stopwatch.GetElapsedTime(_last, now).TotalSeconds;
        _last = now;
        return processors.ReadJoules() / seconds;
    }

    /// <summary>Watts of all GPUs now; null where there are none or they do not tell.</summary>
    public double? GpuWatts() => gpus?.ReadWatts();

    public void Dispose() => gpus?.Dispose();
}
