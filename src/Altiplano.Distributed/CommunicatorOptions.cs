namespace Altiplano.Distributed;

/// <summary>What a world of ranks is started with; the same on every rank.</summary>
public sealed record CommunicatorOptions
{
    /// <summary>How long an operation may wait for other ranks.</summary>
    public TimeSpan Deadline
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromMinutes(10);

    /// <summary>The mesh coordinates of a world rank in messages, as "dp 4, tp 5"; empty for none.</summary>
    public Func<int, string> Coordinates { get; init; } = _ => "";
}
