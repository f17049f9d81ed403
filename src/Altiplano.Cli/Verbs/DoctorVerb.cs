using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Torch.Native;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Verbs;

/// <summary><c>doctor</c>: what this machine has for training, and what is missing.</summary>
internal static class DoctorVerb
{
    private static readonly string[] CudaLibraries = ["libcuda.so.1"];
    private static readonly string[] MpiLibraries = ["libmpi.so.40", "libmpich.so.12", "libmpi.so.12"];

    public static Command Create()
    {
        var command = new Command("doctor", "Prints what was found on this machine, with paths and versions, and what is missing.");
        command.SetAction(arguments =>
        {
            var output = arguments.InvocationConfiguration.Output;
            Describe("system", $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}");
            Describe("processor", $"{Environment.ProcessorCount} cores, {VectorUnits()}");
            Describe("memory", $"{ProcessMemory.Available()} usable");
            var isReady = DescribeLibtorch(Describe);
            Describe("CUDA", FirstLibrary(CudaLibraries) is { } cuda
                ? $"{cuda} found; this build trains on the CPU"
                : "no driver (libcuda.so.1); training runs on the CPU");
            Describe("MPI", FirstLibrary(MpiLibraries) is { } mpi
                ? $"{mpi} found; mpirun and srun start train on many processes"
                : $"none ({string.Join(", ", MpiLibraries)}); only training on many processes needs it");
            return isReady ? ExitCodes.Done : ExitCodes.Failed;

            void Describe(string what, string found) => output.WriteLine($"{what,-10} {found}");
        });
        return command;
    }

    private static bool DescribeLibtorch(Action<string, string> describe)
    {
        var tried = LibtorchLocator.Search();
        foreach (var candidate in tried.Where(c => c.Problem is not null))
            describe("", $"{candidate.Source}: {candidate.Folder}: {candidate.Problem}");
        if (tried is not [.., { Problem: null } found])
        {
            describe("libtorch", $"missing. Run 'dotnet restore', which fetches it, or set {LibtorchLocator.Variable} to its folder.");
            return false;
        }

        var libtorch = Libtorch.Load();
        describe("libtorch", $"{libtorch.Version} from the {found.Source}: {libtorch.Folder}");
        describe("threads", $"{libtorch.Threads} (OMP_NUM_THREADS, or one per core)");
        describe("fp32 peak", $"{MachinePeak.Measure(new Engine(Device.Cpu), ScalarType.Float32)} measured with a 1024 x 1024 product");
        return true;
    }

    private static string? FirstLibrary(string[] names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                NativeLibrary.Free(handle);
                return name;
            }
        }

        return null;
    }

    private static string VectorUnits() => Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2: kernels will be slow";
}
