using System.Runtime.InteropServices;

namespace Altiplano.Training.Loop;

/// <summary>Ctrl-C, SIGTERM and SIGUSR1 as a wish to save and stop; a second Ctrl-C ends the process at once.</summary>
public sealed class InterruptSignals : IDisposable
{
    /// <summary>SIGUSR1 on Linux, which .NET has no name for; schedulers send it before the time is up.</summary>
    private const PosixSignal SigUsr1 = (PosixSignal)10;

    private readonly CancellationTokenSource _wish = new();
    private readonly PosixSignalRegistration[] _registrations;

    public InterruptSignals() => _registrations =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, SigUsr1 }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _wish.Token;

    /// <summary>The signal that came first, for people; null before.</summary>
    public string? Received { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _wish.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = context.Signal != PosixSignal.SIGINT || !_wish.IsCancellationRequested;
        Received ??= context.Signal == SigUsr1 ? "SIGUSR1" : context.Signal.ToString();
        _wish.Cancel();
    }
}
