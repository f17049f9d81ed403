namespace Altiplano.Planning.Power;

/// <summary>What a grid tolerates and what buffers cost: all assumed, to be replaced by the utility's contract and a maker's offer.</summary>
public sealed record SmoothingPrices
{
    /// <summary>Swing that the grid accepts every step, as a share of peak power.</summary>
    public double AllowedSwing { get; init; } = 0.1;

    /// <summary>Seconds over which the draw may rise or fall between a full and a stopped run.</summary>
    public double StopRampSeconds { get; init; } = 60;

    /// <summary>Dollars for each kW that capacitors or batteries give and take.</summary>
    public double PerKw { get; init; } = 250;

    /// <summary>Dollars for each kWh that they hold.</summary>
    public double PerKwh { get; init; } = 500;

    public double LifeYears { get; init; } = 10;

    /// <summary>Share of the energy passed through that is lost.</summary>
    public double RoundTripLoss { get; init; } = 0.1;
}
