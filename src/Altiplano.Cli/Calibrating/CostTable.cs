using System.Globalization;
using Altiplano.Planning.Machines;

namespace Altiplano.Cli.Calibrating;

/// <summary>What <c>calibrate</c> prints of the ranks that it measured.</summary>
internal static class CostTable
{
    public static void Write(RankCosts costs, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(
            $"{costs.Describe()}: products up to {costs.Peak}, copies {Show(costs.MemoryBandwidth.Value / 1e9, "0.0")} GB/s, " +
            $"process {costs.ProcessMemory} and {Show(costs.Holes, "0.00")} x the largest tensor beside tensors, rounds differ by {Show(100 * costs.Spread, "0.0")} %, " +
            $"other programs used up to {Show(100 * costs.ForeignLoad, "0.0")} % of the cores");
        output.WriteLine();
        output.WriteLine($"{"operator",-26} {"us a call",10} {"ms a GFLOP",11} {"ms a GB",9}");
        foreach (var o in costs.Operators)
            output.WriteLine($"{o.Name,-26} {Show(o.PerCall, "0.00"),10} {Show(o.PerGflop, "0.000"),11} {Show(o.PerGb, "0.00"),9}");
        output.WriteLine($"{"around each operator",-26} {Show(costs.PerCall.Value * 1e6, "0.00"),10}");
        output.WriteLine($"{"around each step",-26} {Show(costs.PerStep.Value * 1e6, "0.00"),10}");
        WriteCollectives(costs, output);
        output.WriteLine();
        output.WriteLine($"{"matrix product",-18} {"M",6} {"N",6} {"K",6} {"GFLOP/s",9}");
        foreach (var p in costs.Products)
            output.WriteLine($"{p.Shape,-18} {p.M,6} {p.N,6} {p.K,6} {Show(p.Rate.Value / 1e9, "0"),9}");
        output.WriteLine();
    }

    private static void WriteCollectives(RankCosts costs, TextWriter output)
    {
        if (costs.Collectives.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($"{"collective",-26} {"us a call",10} {"",11} {"ms a GB",9}");
        foreach (var c in costs.Collectives)
            output.WriteLine($"{c.Name,-26} {Show(c.PerCall, "0.00"),10} {"",11} {Show(c.PerGb, "0.00"),9}");
        foreach (var e in costs.Exposures)
            output.WriteLine($"a step waits for {Show(100 * e.Share, "0")} % of the time that its collectives over {e.Axis} take alone");
    }

    private static string Show(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
