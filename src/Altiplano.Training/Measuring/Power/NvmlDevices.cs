using System.Runtime.InteropServices;

namespace Altiplano.Training.Measuring.Power;

/// <summary>The power of this machine's NVIDIA GPUs, by the driver's management library.</summary>
/// <remarks>Found at run time: machines without a driver have no such library.</remarks>
internal sealed unsafe class NvmlDevices : IDisposable
{
    /// <summary>The driver's name for it.</summary>
    public const string LibraryName = "libnvidia-ml.so.1";

    private const int Success = 0;
    private const double WattsPerMilliwatt = 1e-3;

    private readonly nint _library;
    private readonly List<nint> _devices;
    private readonly delegate* unmanaged[Cdecl]<nint, uint*, int> _powerUsage;

    private NvmlDevices(nint library, List<nint> devices)
    {
        (_library, _devices) = (library, devices);
        _powerUsage = (delegate* unmanaged[Cdecl]<nint, uint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetPowerUsage");
    }

    /// <summary>All GPUs; null where there is no library, or it finds none.</summary>
    /// <param name="library"><see cref="LibraryName"/>, or the path of one like it.</param>
    public static NvmlDevices? Find(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle))
            return null;
        if (Initialize(handle) != Success)
            return null;
        var devices = Devices(handle);
        if (devices.Count > 0)
            return new NvmlDevices(handle, devices);
        Shutdown(handle);
        return null;
    }

    /// <summary>Watts of all GPUs together, now; null where one does not tell.</summary>
    public double? ReadWatts()
    {
        var watts = 0.0;
        foreach (var device in _devices)
        {
            uint milliwatts;
            if (_powerUsage(device, &milliwatts) != Success)
                return null;
            watts += milliwatts * WattsPerMilliwatt;
        }

        return watts;
    }

    public void Dispose() => Shutdown(_library);

    private static int Initialize(nint library) =>
        NativeLibrary.TryGetExport(library, "nvmlInit_v2", out var init) ? ((delegate* unmanaged[Cdecl]<int>)init)() : -1;

    private static List<nint> Devices(nint library)
    {
        var count = (delegate* unmanaged[Cdecl]<uint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetCount_v2");
        var find = (delegate* unmanaged[Cdecl]<uint, nint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetHandleByIndex_v2");
        uint number;
        var devices = new List<nint>();
        if (count(&number) != Success)
            return devices;
        for (uint i = 0; i < number; i++)
        {
            nint device;
            if (find(i, &device) == Success)
                devices.Add(device);
        }

        return devices;
    }

    private static void Shutdown(nint library)
    {
        if (NativeLibrary.TryGetExport(library, "nvmlShutdown", out var shutdown))
            _ = ((delegate* unmanaged[Cdecl]<int>)shutdown)();
    }
}
