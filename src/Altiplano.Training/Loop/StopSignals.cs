using System.Runtime.InteropServices;

namespace Altiplano.Training.Loop;

/// <summary>Turns Ctrl-C, SIGTERM and SIGUSR1 into a request to save and stop at the end of the step.</summary>
/// <remarks>A second Ctrl-C ends the process at once, as it would without us.</remarks>
public sealed class StopSignals : IDisposable
{
    private const int SigUsr1 = 10; // Linux

    private readonly PosixSignalRegistration[] _registrations;
    private volatile string? _received;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, "SIGINT")),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, "SIGTERM")),
        PosixSignalRegistration.Create((PosixSignal)SigUsr1, context => OnSignal(context, "SIGUSR1")),
    ];

    /// <summary>Name of the first signal that came; null while none has.</summary>
    public string? Received => _received;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context, string name)
    {
        context.Cancel = _received is null || name != "SIGINT";
        _received ??= name;
    }
}
