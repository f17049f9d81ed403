using Altiplano.Planning.Power;
using Altiplano.Planning.Search;
using Spectre.Console;

namespace Altiplano.Cli.Plans;

/// <summary>The power of a plan's winner: a row a part with its evidence, then the swings when all ranks stop together.</summary>
internal static class PowerTable
{
    private const double Mega = 1e6;

    public static void Write(IAnsiConsole console, PlanRequest request, in Candidate winner)
    {
        var model = new PowerModel(request.Cluster, request.Precision);
        var breakdown = PowerBreakdown.Of(request.Cluster, model.MeanUse(winner.Step), winner.Layout.World);
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (var name in new[] { "mean power", "W a GPU", "MW", "80 % interval", "rests on" })
            table.AddColumn(name);
        foreach (var part in breakdown.Parts.Where(part => part.WattsPerGpu.Value > 0))
            AddRow(part.Name, part.WattsPerGpu * breakdown.Gpus, part.Basis);
        AddRow("IT", breakdown.It, "all but distribution and cooling");
        AddRow("facility", breakdown.Facility, "at the meter");
        console.Write(table);
        WriteSwings(console, PowerSmoothing.Of(request.Cluster, model, winner.Step, winner.Layout.World), model.Evaluate(winner.Step, winner.Layout.World));

        void AddRow(string name, Planning.Figure watts, string basis) => table.AddRow(
            name, $"{watts.Value / breakdown.Gpus:0}", $"{watts.Value / Mega:0.00}", $"{watts.Low / Mega:0.00} to {watts.High / Mega:0.00}",
            $"{watts.Evidence.ToString().ToLowerInvariant()}: {basis}");
    }

    private static void WriteSwings(IAnsiConsole console, PowerSmoothing smoothing, StepPower step)
    {
        console.MarkupLineInterpolated($"Peak {step.FacilityPeak / Mega:0.0} MW. When all ranks stop together it falls by {smoothing.StepSwing / Mega:0.0} MW in a collective, {smoothing.CheckpointSwing / Mega:0.0} MW in a blocking checkpoint, {smoothing.StopSwing / Mega:0.0} MW at a failure, at up to {smoothing.Ramp / Mega:0} MW/s.");
        console.MarkupLineInterpolated($"To even it out (assumed prices): GPUs that burn power while they wait, {smoothing.FloorKwhPerYear / Mega:0.00} GWh and {smoothing.FloorDollarsPerYear / Mega:0.000} M$ a year; or a buffer of {smoothing.BufferPower / Mega:0.0} MW and {smoothing.BufferKwh / 1000:0.00} MWh for {smoothing.BufferDollars / Mega:0.0} M$, {smoothing.BufferDollarsPerYear / Mega:0.00} M$ a year.");
    }
}
