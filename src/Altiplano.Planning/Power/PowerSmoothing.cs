using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Power;

/// <summary>How far a run's power swings when all its ranks stop together, and what evening it out costs.</summary>
/// <remarks>
/// Every step ends in a wait that all ranks share; a failure stops all of them. Two remedies: GPUs that burn power while they wait
/// (a floor), or capacitors and batteries that give and take the difference. Meta names swings of tens of MW (arXiv:2407.21783 §3.3.4).
/// </remarks>
public sealed record PowerSmoothing
{
    private const double HoursPerYear = 8766;
    private const double SecondsPerHour = 3600;

    /// <summary>Watts between all computing and all waiting in a collective, every step.</summary>
    public required double StepSwing { get; init; }

    /// <summary>Watts between all computing and a blocking checkpoint.</summary>
    public required double CheckpointSwing { get; init; }

    /// <summary>Watts between all computing and a run that has stopped.</summary>
    public required double StopSwing { get; init; }

    /// <summary>Watts a second of the step's swing before anything smooths it.</summary>
    public required double Ramp { get; init; }

    /// <summary>Seconds of each step in which all ranks wait together.</summary>
    public required double CommonWait { get; init; }

    /// <summary>kWh a year at the meter that a floor burns, and their price.</summary>
    public required double FloorKwhPerYear { get; init; }
    public required double FloorDollarsPerYear { get; init; }

    /// <summary>Watts and kWh of a buffer that keeps steps within the allowed swing and stops within the allowed ramp.</summary>
    public required double BufferPower { get; init; }
    public required double BufferKwh { get; init; }
    public required double BufferDollars { get; init; }

    /// <summary>Its write-off and the energy that it loses.</summary>
    public required double BufferDollarsPerYear { get; init; }

    /// <summary>With the usual coefficients and prices.</summary>
    public static PowerSmoothing Of(ClusterSpec cluster, PowerModel model, in StepCost cost, long gpus) =>
        Of(cluster, model, new PowerCoefficients(), new SmoothingPrices(), cost, gpus);

    /// <param name="gpus">GPUs of the run.</param>
    public static PowerSmoothing Of(
        ClusterSpec cluster, PowerModel model, PowerCoefficients coefficients, SmoothingPrices prices, in StepCost cost, long gpus)
    {
        var step = model.Evaluate(cost, gpus);
        var period = cost.Time.Total;
        // Bubbles and tensor-parallel calls fall at other moments on other ranks and even out; these two are everyone's.
        var wait = cost.Time.DataParallel + cost.Time.Stragglers;
        var share = period > 0 ? wait / period : 0;
        var excess = Math.Max(0, step.Swing - prices.AllowedSwing * step.FacilityPeak);
        var stop = step.FacilityPeak - gpus * model.StoppedUse.Facility;
        var floorKwh = excess * share * HoursPerYear / 1000;
        var stepKwh = excess * wait * (1 - share) / SecondsPerHour / 1000;
        var bufferKwh = stepKwh + stop * prices.StopRampSeconds / 2 / SecondsPerHour / 1000;
        var power = Math.Max(excess, stop);
        var dollars = power / 1000 * prices.PerKw + bufferKwh * prices.PerKwh;
        var lostKwh = floorKwh * prices.RoundTripLoss;
        var perKwh = cluster.Prices.EnergyPerKwh.Value;
        return new PowerSmoothing
        {
            StepSwing = step.Swing,
            CheckpointSwing = step.FacilityPeak - gpus * model.CheckpointUse(cost).Facility,
            StopSwing = stop,
            Ramp = step.Swing / coefficients.RampSeconds,
            CommonWait = wait,
            FloorKwhPerYear = floorKwh,
            FloorDollarsPerYear = floorKwh * perKwh,
            BufferPower = power,
            BufferKwh = bufferKwh,
            BufferDollars = dollars,
            BufferDollarsPerYear = dollars / prices.LifeYears + lostKwh * perKwh,
        };
    }
}
