using Altiplano.Distributed;
using Altiplano.Distributed.Native;

namespace Altiplano.Tests.Distributed.Native;

public sealed class LibrarySearchTests
{
    private const string Variable = "ALTIPLANO_TEST_NO_SUCH_LIB";

    private static readonly LibrarySearch Search = new("mpi", "MPI", Variable, ["libnone.so.1", "libnone.so.2"], "Install it");

    [Fact]
    public void Load_NoLibrary_SaysWhatWasTriedAndWhatToDo() =>
        Should.Throw<CommunicationLibraryException>(() => Search.Load()).Message.ShouldBe(
            $"No library of MPI could be loaded; tried libnone.so.1, libnone.so.2. Install it, or set {Variable} to its file.");

    [Fact]
    public void Load_StatedFileIsMissing_TriesNoOther()
    {
        Environment.SetEnvironmentVariable(Variable, "/nowhere/libmpi.so");
        try
        {
            Should.Throw<CommunicationLibraryException>(() => (Search with { Files = ["libc.so.6"] }).Load()).Message.ShouldBe(
                $"No library of MPI could be loaded; tried /nowhere/libmpi.so (from {Variable}). " +
                $"Install it, or set {Variable} to its file.");
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }
}
