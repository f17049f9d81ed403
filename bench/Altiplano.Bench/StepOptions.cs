using Altiplano.Planning.Mesh;

namespace Altiplano.Bench;

/// <summary>What the step benchmark runs.</summary>
internal sealed record StepOptions
{
    public string Model { get; private init; } = "15m";
    public int SeqLen { get; private init; } = 256;

    /// <summary>Sequences of one step.</summary>
    public int Batch { get; private init; } = 4;

    /// <summary>Sequences of one microbatch; null makes each rank's share one microbatch.</summary>
    public int? MicroBatch { get; private init; }

    /// <summary>Ranks, which mpirun starts; one is a process alone.</summary>
    public MeshShape Mesh { get; private init; } = new();

    /// <summary>What is sharded over dp_shard x cp, 0 to 3.</summary>
    public int Zero { get; private init; }

    public ContextParallelMethod CpMethod { get; private init; }

    /// <summary>False leaves all rows on every tp rank.</summary>
    public bool HasSequenceParallel { get; private init; } = true;

    public PipelineScheduleKind Schedule { get; private init; }

    /// <summary>Shortest and longest document, in tokens; null packs one document into each sequence.</summary>
    public (int Shortest, int Longest)? Documents { get; private init; }

    public double Seconds { get; private init; } = 8;

    /// <summary>Prints the time of each operator too.</summary>
    public bool HasProfile { get; private init; }

    public static StepOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new StepOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--profile" => options with { HasProfile = true },
                "--model" => options with { Model = arguments[++i] },
                "--seq" => options with { SeqLen = int.Parse(arguments[++i]) },
                "--batch" => options with { Batch = int.Parse(arguments[++i]) },
                "--seconds" => options with { Seconds = double.Parse(arguments[++i]) },
                "--micro" => options with { MicroBatch = int.Parse(arguments[++i]) },
                "--dp_replicate" => options with { Mesh = options.Mesh with { DpReplicate = int.Parse(arguments[++i]) } },
                "--dp_shard" => options with { Mesh = options.Mesh with { DpShard = int.Parse(arguments[++i]) } },
                "--cp" => options with { Mesh = options.Mesh with { Cp = int.Parse(arguments[++i]) } },
                "--tp" => options with { Mesh = options.Mesh with { Tp = int.Parse(arguments[++i]) } },
                "--pp" => options with { Mesh = options.Mesh with { Pp = int.Parse(arguments[++i]) } },
                "--zero" => options with { Zero = int.Parse(arguments[++i]) },
                "--zero-bubble" => options with { Schedule = PipelineScheduleKind.ZeroBubble },
                "--ring" => options with { CpMethod = ContextParallelMethod.Ring },
                "--whole-rows" => options with { HasSequenceParallel = false },
                "--docs" => options with { Documents = ParseRange(arguments[++i]) },
                var unknown => throw new ArgumentException($"{unknown} is no option of the step benchmark."),
            };
        }

        return options;
    }

    private static (int, int) ParseRange(string text)
    {
        var parts = text.Split('-');
        return (int.Parse(parts[0]), int.Parse(parts[1]));
    }
}
