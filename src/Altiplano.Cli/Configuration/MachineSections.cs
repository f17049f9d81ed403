using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys of a calibrated machine: what <c>calibrate</c> writes and the planner reads.</summary>
internal static class MachineSections
{
    /// <summary>The key that only a calibrated machine has: it tells one from a cluster.</summary>
    public const string RanksKey = "ranks";

    public static MachineSpec Blank(string name) => new()
    {
        Name = name, Cpu = "", Cores = 0, Memory = default, MeasuredAt = "", LibtorchVersion = "", Ranks = [],
    };

    private static RankCosts BlankRanks { get; } = new()
    {
        Ranks = 1, Threads = 1, Transport = RankCosts.NoTransport, Precision = Precision.Fp32, Peak = default, MemoryBandwidth = default,
        ProcessMemory = default, PerStep = default, PerCall = default, Spread = 0, Operators = [],
    };

    private static ScalarFormat<double> Amount { get; } = YamlFormats.Number("a number, 0 or more", v => v >= 0 && double.IsFinite(v));

    private static TextFormat Name { get; } = new("a name");

    private static Section<OperatorCost> Operator { get; } = new Section<OperatorCost>()
        .Add("name", Name, o => o.Name, (o, v) => o with { Name = v }, "As the trainer names it.", isRequired: true)
        .Add("us_per_call", Amount, o => o.PerCall, (o, v) => o with { PerCall = v }, "Microseconds of each call.", isRequired: true)
        .Add("ms_per_gflop", Amount, o => o.PerGflop, (o, v) => o with { PerGflop = v }, "Milliseconds for 1e9 operations.", isRequired: true)
        .Add("ms_per_gb", Amount, o => o.PerGb, (o, v) => o with { PerGb = v }, "Milliseconds for 1e9 bytes, each operand counted once.", isRequired: true);

    private static Section<CollectiveCost> Collective { get; } = new Section<CollectiveCost>()
        .Add("name", Name, c => c.Name, (c, v) => c with { Name = v }, "all-reduce, all-gather ...", isRequired: true)
        .Add("us_per_call", Amount, c => c.PerCall, (c, v) => c with { PerCall = v }, "Microseconds of each call.", isRequired: true)
        .Add("ms_per_gb", Amount, c => c.PerGb, (c, v) => c with { PerGb = v }, "Milliseconds for 1e9 bytes of the larger side.", isRequired: true);

    private static Section<AxisExposure> Exposure { get; } = new Section<AxisExposure>()
        .Add("axis", Name, e => e.Axis, (e, v) => e with { Axis = v }, "Of the mesh.", isRequired: true)
        .Add("share", Amount, e => e.Share, (e, v) => e with { Share = v },
            "What a step takes longer, over the time of its collectives alone: below 1 where compute hides some.", isRequired: true);

    private static Section<ProductRate> Product { get; } = new Section<ProductRate>()
        .Add("shape", Name, p => p.Shape, (p, v) => p with { Shape = v }, "forward, input_gradient or weight_gradient.", isRequired: true)
        .Add("m", YamlFormats.Integer(1), p => p.M, (p, v) => p with { M = v }, "Rows of the result.", isRequired: true)
        .Add("n", YamlFormats.Integer(1), p => p.N, (p, v) => p with { N = v }, "Columns of the result.", isRequired: true)
        .Add("k", YamlFormats.Integer(1), p => p.K, (p, v) => p with { K = v }, "What is summed over.", isRequired: true)
        .Add("rate", Quantities.FlopRate, p => p.Rate, (p, v) => p with { Rate = v }, "Of the fastest call.", isRequired: true);

    private static Section<RankCosts> Ranks { get; } = new Section<RankCosts>()
        .Add("ranks", YamlFormats.Integer(1), r => r.Ranks, (r, v) => r with { Ranks = v }, "Ranks that ran at the same time.", isRequired: true)
        .Add("threads", YamlFormats.Integer(1, 1024), r => r.Threads, (r, v) => r with { Threads = v }, "Threads of each rank.", isRequired: true)
        .Add("transport", new WordFormat(RankCosts.NoTransport, RankCosts.InProcess, RankCosts.Mpi), r => r.Transport, (r, v) => r with { Transport = v },
            "How ranks reach each other.", isRequired: true)
        .Add("precision", YamlFormats.OneOf(("fp32", Precision.Fp32), ("fp64", Precision.Fp64), ("bf16", Precision.Bf16)), r => r.Precision,
            (r, v) => r with { Precision = v }, "Number format of parameters and activations.", isRequired: true)
        .Add("peak", Quantities.FlopRate, r => r.Peak, (r, v) => r with { Peak = v }, "The best rate of a matrix product.", isRequired: true)
        .Add("memory_bandwidth", Quantities.Rate, r => r.MemoryBandwidth, (r, v) => r with { MemoryBandwidth = v },
            "Of a copy that no cache holds, read and written, of one rank.", isRequired: true)
        .Add("process_memory", Quantities.Memory, r => r.ProcessMemory, (r, v) => r with { ProcessMemory = v },
            "Of the process beside its tensors.", isRequired: true)
        .Add("holes", Amount, r => r.Holes, (r, v) => r with { Holes = v },
            "Memory that the allocator keeps between tensors, over the size of the largest.")
        .Add("per_step", Quantities.Latency, r => r.PerStep, (r, v) => r with { PerStep = v }, "What a step takes beside its operators.", isRequired: true)
        .Add("per_call", Quantities.Latency, r => r.PerCall, (r, v) => r with { PerCall = v }, "What the trainer takes around each operator.", isRequired: true)
        .Add("cpu_power", new OptionalFormat<Watts>(Quantities.Power), r => r.CpuPower, (r, v) => r with { CpuPower = v },
            "Of the processors and their memory while all ranks trained; left out where the machine does not tell.")
        .Add("spread", Amount, r => r.Spread, (r, v) => r with { Spread = v },
            "Largest difference between two rounds of the measurement, over their mean.", isRequired: true)
        .Add("foreign_load", Amount, r => r.ForeignLoad, (r, v) => r with { ForeignLoad = v },
            "Most of the machine's cores that other programs used meanwhile, as a share.")
        .Add("operators", new ListFormat<OperatorCost>(new SectionFormat<OperatorCost>(Operator, new OperatorCost("", 0, 0, 0))), r => r.Operators,
            (r, v) => r with { Operators = v }, "Time of each operator of a step.", isRequired: true)
        .Add("products", new ListFormat<ProductRate>(new SectionFormat<ProductRate>(Product, new ProductRate("", 1, 1, 1, default)), mayBeEmpty: true),
            r => r.Products, (r, v) => r with { Products = v }, "Rates of matrix products by shape.")
        .Add("collectives", new ListFormat<CollectiveCost>(new SectionFormat<CollectiveCost>(Collective, new CollectiveCost("", 0, 0)), mayBeEmpty: true),
            r => r.Collectives, (r, v) => r with { Collectives = v }, "Time of each collective of all ranks, with nothing else to do.")
        .Add("exposures", new ListFormat<AxisExposure>(new SectionFormat<AxisExposure>(Exposure, new AxisExposure("", 1)), mayBeEmpty: true),
            r => r.Exposures, (r, v) => r with { Exposures = v }, "How much of its collectives a step waits for, by axis; all, unless said.");

    public static Section<MachineSpec> Machine { get; } = new Section<MachineSpec>()
        .Add("cpu", Name, m => m.Cpu, (m, v) => m with { Cpu = v }, "As Linux names it.", isRequired: true)
        .Add("cores", YamlFormats.Integer(1), m => m.Cores, (m, v) => m with { Cores = v }, "That the program may use.", isRequired: true)
        .Add("memory", Quantities.Memory, m => m.Memory, (m, v) => m with { Memory = v }, "That the program may use.", isRequired: true)
        .Add("libtorch", Name, m => m.LibtorchVersion, (m, v) => m with { LibtorchVersion = v }, "Its version.", isRequired: true)
        .Add("measured_at", Name, m => m.MeasuredAt, (m, v) => m with { MeasuredAt = v }, "Time of the last measurement, UTC.", isRequired: true)
        .Add("evidence", YamlFormats.OneOf(("measured", Evidence.Measured)), _ => Evidence.Measured, (m, _) => m, "What the costs rest on: calibrate measures.")
        .Add(RanksKey, new ListFormat<RankCosts>(new SectionFormat<RankCosts>(Ranks, BlankRanks)), m => m.Ranks, (m, v) => m with { Ranks = v },
            "One mapping for each number of ranks and threads that was measured.", isRequired: true)
        .CheckEach((m, path) => m.FindProblems(path));

    public static IEnumerable<KeyDescription> DescribeRanks() => Ranks.Describe("", BlankRanks);
}
