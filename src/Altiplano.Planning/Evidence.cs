namespace Altiplano.Planning;

/// <summary>What a figure rests on, strongest first; a result is as strong as the weakest figure it needs.</summary>
public enum Evidence
{
    Measured,
    /// <summary>Between measured points, or from coefficients fitted to them.</summary>
    Interpolated,
    /// <summary>A maker's statement, not reproduced.</summary>
    DataSheet,
    /// <summary>Our choice: nothing published fixes it.</summary>
    Assumed,
}
