using Altiplano.Planning.Power;
using Altiplano.Planning.Search;
using Spectre.Console;

namespace Altiplano.Cli.Plans;

/// <summary>The power of a plan's winner: a row a part with its evidence, then the swings when all ranks stop together.</summary>
internal static class PowerTable
{
    private const double Kilo = 1e3;
    private const double Mega = 1e6;

    public static void Write(IAnsiConsole console, PlanRequest request, in Candidate winner)
    {
        var model = new PowerModel(request.Cluster, request.Precision);
        var breakdown = PowerBreakdown.Of(request.Cluster, model.MeanUse(winner.Step), winner.Layout.World);
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        var (unit, name) = breakdown.Facility.Value < Mega ? (Kilo, "kW") : (Mega, "MW");
        foreach (var column in new[] { "mean power", "W a GPU", name, "80 % interval", "rests on" })
            table.AddColumn(column);
        foreach (var row in breakdown.Parts.Where(row => row.WattsPerGpu.Value > 0))
            AddRow(row.Name, row.WattsPerGpu * breakdown.Gpus, row.Basis);
        AddRow("IT", breakdown.It, "all but distribution and cooling");
        AddRow("facility", breakdown.Facility, "at the meter");
        console.Write(table);
        WriteSwings(console, PowerSmoothing.Of(request.Cluster, model, winner.Step, winner.Layout.World), model.Evaluate(winner.Step, winner.Layout.World));

        void AddRow(string part, Planning.Figure watts, string basis) => table.AddRow(
            part, $"{watts.Value / breakdown.Gpus:0}", $"{watts.Value / unit:0.00}", $"{watts.Low / unit:0.00} to {watts.High / unit:0.00}",
            $"{EvidenceWords.Show(watts.Evidence)}: {basis}");
    }

    private static void WriteSwings(IAnsiConsole console, PowerSmoothing smoothing, StepPower step)
    {
        var (peak, collective, checkpoint, stop) = (Power(step.FacilityPeak), Power(smoothing.StepSwing), Power(smoothing.CheckpointSwing), Power(smoothing.StopSwing));
        console.MarkupLineInterpolated($"Peak {peak}. When all ranks stop together it falls by {collective} in a collective, {checkpoint} in a blocking checkpoint, {stop} at a failure, at up to {Power(smoothing.Ramp)}/s.");
        var (floor, buffer) = (Energy(smoothing.FloorKwhPerYear), Energy(smoothing.BufferKwh));
        console.MarkupLineInterpolated($"To even it out (assumed prices): GPUs that burn power while they wait, {floor} and {PlanWords.Money(smoothing.FloorDollarsPerYear)} a year; or a buffer of {Power(smoothing.BufferPower)} and {buffer} for {PlanWords.Money(smoothing.BufferDollars)}, {PlanWords.Money(smoothing.BufferDollarsPerYear)} a year.");
    }

    private static string Power(double watts) => PlanWords.Megawatts(watts);

    private static string Energy(double kwh) => PlanWords.Energy(kwh * 3.6e6);
}
