using System.Diagnostics;
using System.Runtime.InteropServices;
using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Distributed.Nccl;

namespace Altiplano.Tests.Distributed.Nccl;

/// <summary>One stand-in for all tests that use it, one after the other: a process binds the libraries once.</summary>
[CollectionDefinition(Name)]
public sealed class NcclStubCollection : ICollectionFixture<NcclStub>
{
    public const string Name = "NCCL stand-in";
}

/// <summary>Worlds on the NCCL and CUDA stand-in that is compiled here from C.</summary>
public sealed class NcclStub : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string? _problem;

    public NcclStub()
    {
        var library = _folder["libstub.so"];
        _problem = Compile(library);
        if (_problem is not null)
            return;
        Environment.SetEnvironmentVariable("ALTIPLANO_NCCL_LIB", library);
        Environment.SetEnvironmentVariable("ALTIPLANO_CUDA_LIB", library);
    }

    /// <summary>Runs a body once a rank; skips the calling test, visibly, where the stand-in could not be compiled.</summary>
    public void Run(int ranks, Action<ICommunicator> body, CommunicatorOptions? options = null)
    {
        Require();
        InProcessWorld.Run(ranks, control =>
        {
            using var world = NcclWorld.Connect(control, new NcclOptions { Communicator = options ?? new CommunicatorOptions() });
            body(new HostVisible(world.Communicator));
        });
    }

    /// <summary>Skips the calling test where there is no stand-in.</summary>
    public void Require()
    {
        if (_problem is not null)
            Assert.Skip(_problem);
    }

    public void Dispose() => _folder.Dispose();

    private static string? Compile(string library)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Distributed", "Nccl", "nccl_stub.c");
        try
        {
            string[] arguments = ["-Wall", "-shared", "-fPIC", "-O1", "-pthread", "-o", library, source, "-lm"];
            using var gcc = Process.Start(new ProcessStartInfo("gcc", arguments) { RedirectStandardError = true })!;
            var text = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            return gcc.ExitCode == 0 ? null : throw new InvalidOperationException(text);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "gcc is not installed, so there is no stand-in for NCCL";
        }
    }
}

/// <summary>Lets the host wait for the compute stream, as someone who reads results must.</summary>
internal sealed partial class HostVisible(ICommunicator inner) : ICommunicator
{
    public string Axis => inner.Axis;

    public int Rank => inner.Rank;

    public RankGroup Members => inner.Members;

    public Pending Start(in Collective collective) => new Synchronized(inner.Start(collective));

    public ICommunicator Group(string axis, RankGroup members) => new HostVisible(inner.Group(axis, members));

    public void Dispose() => inner.Dispose();

    private sealed partial class Synchronized(Pending pending) : Pending
    {
        public override bool IsCompleted => pending.IsCompleted;

        public override void Wait()
        {
            pending.Wait();
            var library = NativeLibrary.Load(Environment.GetEnvironmentVariable("ALTIPLANO_CUDA_LIB")!);
            unsafe
            {
                ((delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuStreamSynchronize"))(0).ShouldBe(0);
            }
        }
    }
}
