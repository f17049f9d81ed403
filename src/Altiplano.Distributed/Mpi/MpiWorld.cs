namespace Altiplano.Distributed.Mpi;

/// <summary>Ranks that are processes, started by mpirun or srun.</summary>
public static unsafe class MpiWorld
{
    /// <summary>How long ranks may take to say whether they have come, once a deadline is over.</summary>
    private static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(10);

    /// <summary>What the MPI library says of itself, as "Open MPI v4.1.4, ...". Can be asked before and without a world.</summary>
    /// <exception cref="CommunicationLibraryException">There is none.</exception>
    public static string LibraryVersion() => new MpiLibrary().Version();

    /// <summary>Runs the body as this process's rank. Once a process.</summary>
    /// <param name="body">Gets the communicator of the whole world, axis "world"; returns the exit code.</param>
    /// <param name="report">Told of an exception that leaves the body; returns the exit code.</param>
    /// <param name="options">Deadline and names; the defaults when null.</param>
    /// <returns>What the body returned, after every rank's body has.</returns>
    /// <remarks>When the body throws, all processes of the job end with the code of the first to throw: this does not return.</remarks>
    /// <exception cref="CommunicationLibraryException">There is no MPI library, or it cannot be used.</exception>
    public static int Run(Func<ICommunicator, int> body, Func<Exception, int> report, CommunicatorOptions? options = null)
    {
        var library = new MpiLibrary();
        Initialize(library);
        var world = library.Constants.CommWorld;
        try
        {
            var code = Run(library, body, options ?? new CommunicatorOptions());
            MpiLibrary.Check(MpiNative.MPI_Finalize());
            return code;
        }
        catch (Exception exception)
        {
            // Finalize would wait for the other ranks; an abort ends them.
            var code = report(exception);
            _ = MpiNative.MPI_Abort(world, code);
            Environment.Exit(code);
            return code;
        }
    }

    private static int Run(MpiLibrary library, Func<ICommunicator, int> body, CommunicatorOptions options)
    {
        var all = library.Constants.CommWorld;
        MpiLibrary.Check(MpiNative.MPI_Comm_set_errhandler(all, library.Constants.ErrorsReturn));
        var (handle, questions) = (MpiLibrary.Duplicate(all), MpiLibrary.Duplicate(all));
        var patience = options.Deadline / 10 < MaxPatience ? options.Deadline / 10 : MaxPatience;
        var (rank, size) = (MpiLibrary.Rank(handle), MpiLibrary.Size(handle));
        var rollCall = new MpiRollCall(library, questions, rank, patience);
        using var engine = new MpiEngine(library, options, rollCall);
        var communicator = new MpiCommunicator(engine, handle, id: 0, "world", rank, RankGroup.All(size));
        engine.Add(communicator);
        var code = body(communicator);
        communicator.Run(Collective.Barrier());
        return code;
    }

    private static void Initialize(MpiLibrary library)
    {
        int isInitialized, provided;
        MpiLibrary.Check(MpiNative.MPI_Initialized(&isInitialized));
        if (isInitialized != 0)
            throw new InvalidOperationException("MPI can be started once a process.");
        MpiLibrary.Check(MpiNative.MPI_Init_thread(null, null, MpiConstants.ThreadSerialized, &provided));
        if (provided < MpiConstants.ThreadSerialized)
            throw new CommunicationLibraryException(
                $"{library.Version()} allows calls from one thread only (level {provided} of {MpiConstants.ThreadSerialized}).");
    }
}
