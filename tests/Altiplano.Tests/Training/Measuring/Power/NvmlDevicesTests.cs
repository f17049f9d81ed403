using System.Diagnostics;
using Altiplano.Training.Measuring.Power;

namespace Altiplano.Tests.Training.Measuring.Power;

public sealed class NvmlDevicesTests : IDisposable
{
    /// <summary>As the driver's library: calls before its initialisation fail, and GPU i draws 100 + i watts.</summary>
    private const string Stub = """
        typedef void* device;
        static int started;
        int nvmlInit_v2(void) { started = 1; return 0; }
        int nvmlShutdown(void) { started = 0; return 0; }
        int nvmlDeviceGetCount_v2(unsigned* count) { if (!started) return 1; *count = NUM_GPUS; return 0; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned index, device* d) { if (index >= NUM_GPUS) return 2; *d = (device)(long)(index + 1); return 0; }
        int nvmlDeviceGetPowerUsage(device d, unsigned* milliwatts)
        {
            if (!started || FAILS) return 3;
            *milliwatts = 99000 + 1000 * (unsigned)(long)d;
            return 0;
        }
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadWatts_OfTwoGpus_AddsThem()
    {
        using var gpus = NvmlDevices.Find(Compile(gpus: 2, fails: 0));

        gpus!.ReadWatts().ShouldBe(201);
    }

    [Fact]
    public void ReadWatts_OfAGpuThatDoesNotTell_IsNull()
    {
        using var gpus = NvmlDevices.Find(Compile(gpus: 1, fails: 1));

        gpus!.ReadWatts().ShouldBeNull();
    }

    [Fact]
    public void Find_NoLibraryOrNoGpu_IsNull()
    {
        NvmlDevices.Find(_folder["libnone.so"]).ShouldBeNull();
        NvmlDevices.Find(Compile(gpus: 0, fails: 0)).ShouldBeNull();
    }

    [Fact]
    public void PowerMeter_WithoutCountersOrGpus_TellsNothing()
    {
        using var meter = new PowerMeter(null, null);

        meter.CpuWatts().ShouldBeNull();
        meter.GpuWatts().ShouldBeNull();
    }

    private string Compile(int gpus, int fails)
    {
        var library = _folder[$"libnvml-{gpus}-{fails}.so"];
        string[] arguments = ["-shared", "-fPIC", $"-DNUM_GPUS={gpus}", $"-DFAILS={fails}", "-o", library, _folder.Write("nvml.c", Stub)];
        try
        {
            using var gcc = Process.Start(new ProcessStartInfo("gcc", arguments) { RedirectStandardError = true })!;
            var text = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            gcc.ExitCode.ShouldBe(0, text);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("gcc is not installed, so there is no stand-in for NVML");
        }

        return library;
    }
}
