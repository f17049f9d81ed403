using Altiplano.Planning;
using Altiplano.Planning.Units;

namespace Altiplano.Training.Loop;

/// <summary>How long a run lasts, what it does on the way, and where it writes.</summary>
public sealed record RunSection
{
    /// <summary>Steps between checkpoints where nobody who knows the failures has chosen.</summary>
    public const int UsualCheckpointEvery = 500;

    /// <summary>Optimizer steps; null where <see cref="Tokens"/> gives the length.</summary>
    public int? Steps { get; init; }

    /// <summary>Training tokens, rounded up to whole steps; null where <see cref="Steps"/> gives the length.</summary>
    public TokenCount? Tokens { get; init; }

    /// <summary>Decides initial weights and sample order.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Steps between validations; one more comes after the last step.</summary>
    public int ValidateEvery { get; init; } = 500;

    /// <summary>Steps between checkpoints; one more comes after the last step. Auto is a plan's to decide.</summary>
    public OrAuto<int> CheckpointEvery { get; init; } = UsualCheckpointEvery;

    /// <summary>Complete checkpoints kept; older ones are deleted.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps between console lines; <c>metrics.jsonl</c> has every step.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>The run folder, as an absolute path.</summary>
    public required string Out { get; init; }

    /// <summary>Threads of tensor arithmetic; left to us, one per core. Part of what a bitwise repetition repeats.</summary>
    public OrAuto<int> Threads { get; init; }

    /// <summary>How long a rank waits for others in a collective before the run breaks off.</summary>
    public Seconds CollectiveTimeout { get; init; } = Seconds.FromMinutes(10);

    /// <summary>True where the run says how long it is.</summary>
    public bool HasLength => Steps is not null || Tokens is not null;

    /// <summary>A length that is missing or given twice, or a time to wait that nobody means.</summary>
    /// <param name="isPlanned">True where a plan may be told the length elsewhere.</param>
    public IReadOnlyList<string> FindProblems(string path, bool isPlanned = false)
    {
        var problems = new List<string>();
        if (Steps is null && Tokens is null && !isPlanned)
            problems.Add($"{path}.steps is missing, and so is {path}.tokens: give one of them, the length of the run.");
        if (Steps is not null && Tokens is not null)
            problems.Add($"{path}.tokens is {Tokens} and {path}.steps is {Steps}, but only one can give the length of the run. Remove one.");
        if (CollectiveTimeout.Value < 1 || CollectiveTimeout.Days > 1)
        {
            problems.Add(
                $"{path}.collective_timeout is {CollectiveTimeout}, but ranks wait for one another between a second and a day. " +
                "The usual is 10min: more than the longest that one rank may keep the others waiting.");
        }

        return problems;
    }
}
