namespace Altiplano.Planning.Search;

/// <summary>What a plan makes least, failures counted.</summary>
public enum Objective
{
    /// <summary>Days until the last token.</summary>
    Time,
    /// <summary>Money for the whole run.</summary>
    Cost,
    /// <summary>Energy at the meter for the whole run.</summary>
    Energy,
}
