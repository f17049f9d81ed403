using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Machines;

/// <summary>One line of a predicted step: an operator or a kind of collective.</summary>
/// <param name="Part">The part of <see cref="StepTime"/> that it belongs to.</param>
/// <param name="Name">The operator, or the collective.</param>
/// <param name="Seconds">What the step spends in it; of a collective what it waits for.</param>
/// <param name="IsCalibrated">False where nothing like it was measured: peak and bandwidth stand in.</param>
public sealed record PredictedTerm(string Part, string Name, double Seconds, long Calls, double Flops, double Bytes, bool IsCalibrated = true);

/// <summary>A rank's step on a calibrated machine.</summary>
/// <param name="Time">The same by part.</param>
/// <param name="ProcessMemory">Beside tensors and checkpoints.</param>
/// <param name="Tensors">All tensors alive at once.</param>
/// <param name="Holes">What the allocator keeps between them.</param>
/// <param name="Staging">Once a checkpoint was saved.</param>
public sealed record PredictedStep(
    StepTime Time, IReadOnlyList<PredictedTerm> Terms, Bytes ProcessMemory, Bytes Tensors, Bytes Holes, Bytes Staging)
{
    /// <summary>Most memory of a process that is resident at once.</summary>
    public Bytes Memory => ProcessMemory + Tensors + Holes + Staging;
}
