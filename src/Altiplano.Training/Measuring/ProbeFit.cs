using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;

namespace Altiplano.Training.Measuring;

/// <summary>Costs from rounds of probes.</summary>
/// <param name="rounds">Each the same models in the same order.</param>
internal sealed class ProbeFit(IReadOnlyList<IReadOnlyList<ProbeResult>> rounds)
{
    /// <summary>The given costs with what the probes tell.</summary>
    public RankCosts ToCosts(RankCosts costs)
    {
        var operators = Fit(rounds.SelectMany(round => round));
        var (perStep, perCall) = CostFit.Line(rounds.SelectMany(round => round).Select(Around));
        var processes = costs.Transport == RankCosts.InProcess ? costs.Ranks : 1;
        var (process, holes) = CostFit.Line(rounds[0].Select(r => Beside(r, processes)));
        return costs with
        {
            Operators = operators,
            PerStep = Microseconds(perStep),
            PerCall = Microseconds(perCall),
            ProcessMemory = new Bytes((long)Math.Round(process / Bytes.PerMib) * Bytes.PerMib),
            Holes = Math.Round(holes, 3),
            ForeignLoad = Math.Round(rounds.Max(round => round.Max(r => r.Foreign)), 4),
            Spread = Math.Round(Spread(), 4),
        };
    }

    /// <summary>The same costs, and those of operators that only steps of several ranks have.</summary>
    public static IReadOnlyList<OperatorCost> WithMissing(IReadOnlyList<OperatorCost> costs, IReadOnlyList<ProbeResult> shared) =>
        [.. costs, .. Fit(shared).Where(found => costs.All(o => o.Name != found.Name))];

    private static List<OperatorCost> Fit(IEnumerable<ProbeResult> probes) =>
        [.. Samples(probes).GroupBy(s => s.Name, s => s.Sample).Select(g => CostFit.Operator(g.Key, [.. g])).OrderBy(o => o.Name, StringComparer.Ordinal)];

    /// <summary>One sample for each kind of call of each probe; it weighs as much of the probe's step as such calls take.</summary>
    private static IEnumerable<(string Name, CostSample Sample)> Samples(IEnumerable<ProbeResult> probes) =>
        from probe in probes
        from call in probe.Calls
        let seconds = Median(call.Value)
        let share = seconds * call.Value.Count / probe.Seconds.Count / probe.Median
        select (call.Key.Name, new CostSample(call.Key.Flops, call.Key.Bytes, seconds, share));

    /// <summary>Calls of a step, and its time beside them.</summary>
    private static (double Calls, double Seconds) Around(ProbeResult probe)
    {
        var steps = (double)probe.Seconds.Count;
        var inside = probe.Calls.Values.Sum(list => list.Sum()) / steps;
        return (probe.Calls.Values.Sum(list => list.Count) / steps, Math.Max(1e-6, probe.Seconds.Average() - inside));
    }

    /// <summary>Bytes of the largest tensors, and of the process beside all tensors.</summary>
    private static (double Largest, double Other) Beside(ProbeResult probe, int ranks) =>
        ((double)probe.LargestTensor.Value * ranks, Math.Max(1, probe.PeakMemory.Value - (double)probe.PeakTensors.Value * ranks));

    private double Spread() => Enumerable.Range(0, rounds[0].Count).Max(i =>
    {
        var times = rounds.Select(round => round[i].Median).ToList();
        return (times.Max() - times.Min()) / times.Average();
    });

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static Seconds Microseconds(double seconds) => new(Math.Round(seconds * 1e7) / 1e7);
}
