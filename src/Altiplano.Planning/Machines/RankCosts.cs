using Altiplano.Planning.Units;

namespace Altiplano.Planning.Machines;

/// <summary>What the work of a step costs one rank while <see cref="Ranks"/> of its kind share the machine.</summary>
public sealed record RankCosts
{
    public const string NoTransport = "none";
    public const string InProcess = "in_process";
    public const string Mpi = "mpi";

    /// <summary>Ranks that ran at the same time: they contend for cores, caches and memory.</summary>
    public required int Ranks { get; init; }

    /// <summary>Threads of each rank.</summary>
    public required int Threads { get; init; }

    /// <summary>How ranks reach each other: <see cref="NoTransport"/>, <see cref="InProcess"/> or <see cref="Mpi"/>.</summary>
    public required string Transport { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>The best rate of a matrix product of <see cref="Products"/>.</summary>
    public required FlopsPerSecond Peak { get; init; }

    /// <summary>Of a copy that no cache holds, bytes read and written, of one rank.</summary>
    public required BytesPerSecond MemoryBandwidth { get; init; }

    /// <summary>Memory of the process beside its tensors: runtime, libtorch, libraries.</summary>
    public required Bytes ProcessMemory { get; init; }

    /// <summary>Memory that the allocator keeps in holes between tensors, over the size of the largest tensor.</summary>
    public double Holes { get; init; }

    /// <summary>What a step takes beside its operators: batch, schedule, optimizer's scalars.</summary>
    public required Seconds PerStep { get; init; }

    /// <summary>What the trainer takes around each operator: views, memory, calls.</summary>
    public required Seconds PerCall { get; init; }

    /// <summary>Of the processors and their memory while all ranks trained; null where the machine does not tell.</summary>
    public Watts? CpuPower { get; init; }

    /// <summary>Largest difference between two rounds of the same measurement, over their mean: how busy the machine was.</summary>
    public required double Spread { get; init; }

    /// <summary>Most of the machine's cores that other programs used during a measurement, as a share.</summary>
    public double ForeignLoad { get; init; }

    public required IReadOnlyList<OperatorCost> Operators { get; init; }

    /// <summary>Rates of matrix products by shape: what <see cref="Operators"/> has of them in detail.</summary>
    public IReadOnlyList<ProductRate> Products { get; init; } = [];

    /// <summary>Of a group of all ranks, with nothing else to do.</summary>
    public IReadOnlyList<CollectiveCost> Collectives { get; init; } = [];

    /// <summary>How much of its collectives a step waits for, by axis; all of them on an axis that is not named.</summary>
    public IReadOnlyList<AxisExposure> Exposures { get; init; } = [];

    /// <summary>For example <c>2 ranks of 1 thread over mpi in fp32</c>.</summary>
    public string Describe() =>
        $"{Ranks} {(Ranks == 1 ? "rank" : "ranks")} of {Threads} {(Threads == 1 ? "thread" : "threads")}" +
        $"{(Transport == NoTransport ? "" : $" over {Transport}")} in {Precision.ToString().ToLowerInvariant()}";

    public bool IsSameKind(RankCosts other) =>
        (Ranks, Threads, Transport, Precision) == (other.Ranks, other.Threads, other.Transport, other.Precision);

    /// <summary>Every contradiction, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(Peak.Value, "peak", Peak);
        problems.RequirePositive(MemoryBandwidth.Value, "memory_bandwidth", MemoryBandwidth);
        problems.Require(
            Ranks == 1 == (Transport == NoTransport), "transport", Transport,
            Ranks == 1 ? $"one rank has nobody to reach. Use {NoTransport}." : $"{Ranks} ranks reach each other. Use {InProcess} or {Mpi}.");
        problems.Require(
            Ranks == 1 || Collectives.Count > 0, "collectives", "empty", $"{Ranks} ranks communicate. Calibrate again, with as many ranks.");
        foreach (var name in Operators.GroupBy(o => o.Name).Where(g => g.Count() > 1).Select(g => g.Key))
            problems.Require(false, "operators", $"a list with {name} twice", "each operator has one cost. Remove one of them.");
        return problems.Problems;
    }
}

/// <summary>Time of one call of an operator: <c>per_call + per_gflop · GFLOP + per_gb · GB</c>.</summary>
/// <param name="Name">As the engine names it: mm, rms_norm, attention_backward.</param>
/// <param name="PerCall">Microseconds.</param>
/// <param name="PerGflop">Milliseconds for 1e9 operations.</param>
/// <param name="PerGb">Milliseconds for 1e9 bytes, each operand counted once.</param>
public sealed record OperatorCost(string Name, double PerCall, double PerGflop, double PerGb)
{
    private const double SecondsPerMicrosecond = 1e-6;
    private const double SecondsPerMillisecondAndBillion = 1e-12;

    /// <returns>Seconds of so many calls with so many operations and bytes together.</returns>
    public double Seconds(double calls, double flops, double bytes) =>
        calls * PerCall * SecondsPerMicrosecond + (flops * PerGflop + bytes * PerGb) * SecondsPerMillisecondAndBillion;
}

/// <summary>Time of one collective of all ranks: <c>per_call + per_gb · GB</c>, bytes being those of the larger side.</summary>
/// <param name="Name">all-reduce, reduce-scatter, all-gather, send ...</param>
/// <param name="PerCall">Microseconds.</param>
/// <param name="PerGb">Milliseconds for 1e9 bytes.</param>
public sealed record CollectiveCost(string Name, double PerCall, double PerGb)
{
    /// <returns>Seconds of so many operations that move so many bytes together.</returns>
    public double Seconds(double calls, double bytes) => new OperatorCost(Name, PerCall, 0, PerGb).Seconds(calls, 0, bytes);
}

/// <summary>What a step takes longer for the collectives of one axis.</summary>
/// <param name="Share">
/// Of the time that the collectives take alone: below 1 where compute hides some, above 1 where they slow compute down too.
/// </param>
public sealed record AxisExposure(string Axis, double Share);

/// <summary>How fast one matrix product of a training step ran.</summary>
/// <param name="Shape">forward (x Wᵀ), input_gradient (dy W) or weight_gradient (dyᵀ x, added).</param>
public sealed record ProductRate(string Shape, int M, int N, int K, FlopsPerSecond Rate);
