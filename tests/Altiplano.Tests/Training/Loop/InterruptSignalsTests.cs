using System.Diagnostics;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Training.Loop;

public sealed class InterruptSignalsTests
{
    /// <remarks>Only the signal that the test runner does not take for itself.</remarks>
    [Fact]
    public void Token_UserSignal_IsCancelledAndTheProcessLives()
    {
        using var signals = new InterruptSignals();
        signals.Received.ShouldBeNull();

        Process.Start("kill", ["-USR1", Environment.ProcessId.ToString()]).WaitForExit();

        signals.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        signals.Received.ShouldBe("SIGUSR1");
    }
}
