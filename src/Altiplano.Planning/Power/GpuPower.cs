namespace Altiplano.Planning.Power;

/// <summary>Watts of one GPU in a step.</summary>
/// <param name="Busy">While it computes, capped at the power limit.</param>
/// <param name="Waiting">While it waits: communication that nothing hides, bubble, stragglers, launches.</param>
/// <param name="Mean">Over the step.</param>
/// <param name="BusyShare">Part of the step that it computes.</param>
public readonly record struct GpuPower(double Busy, double Waiting, double Mean, double BusyShare);
