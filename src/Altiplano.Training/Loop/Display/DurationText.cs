namespace Altiplano.Training.Loop.Display;

/// <summary>Times as people read them, to two units.</summary>
public static class DurationText
{
    /// <summary><c>3d04h</c>, <c>4h07m</c>, <c>5m09s</c> or <c>12s</c>; parts of the smaller unit are dropped.</summary>
    public static string Of(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{(long)time.TotalDays}d{time.Hours:00}h",
        { TotalHours: >= 1 } => $"{time.Hours}h{time.Minutes:00}m",
        { TotalMinutes: >= 1 } => $"{time.Minutes}m{time.Seconds:00}s",
        _ => $"{time.Seconds}s",
    };
}
