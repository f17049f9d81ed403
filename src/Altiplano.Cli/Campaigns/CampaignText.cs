using System.Globalization;
using System.Text;
using Altiplano.Planning.Campaign;

namespace Altiplano.Cli.Campaigns;

/// <summary>A campaign for the console: totals, a table of runs, a Gantt chart and megawatts under it.</summary>
internal static class CampaignText
{
    private const double SecondsPerDay = 86400;
    private const string Heights = " ▁▂▃▄▅▆▇█";

    public static string Of(CampaignPlan plan, int width)
    {
        var text = new StringBuilder();
        AppendTotals(text, plan);
        AppendTable(text, plan);
        AppendGantt(text, plan, width);
        return text.ToString();
    }

    private static void AppendTotals(StringBuilder text, CampaignPlan plan)
    {
        var (fleet, energy, money) = (plan.Campaign.Fleet, plan.RunEnergy + plan.IdleEnergy, plan.RunMoney + plan.IdleMoney);
        text.AppendLine(Invariant($"{plan.Campaign.Name} on {fleet.Name}: {fleet.NumGpus:N0} {fleet.Gpu.Name}, {plan.Seconds / SecondsPerDay:0.0} days"));
        text.AppendLine(Invariant($"  GPU-hours  {plan.GpuHours / 1e6:0.00}M of runs, {plan.Utilisation:0.0%} of the fleet's"));
        text.AppendLine(Invariant($"  power      {CampaignWords.Site(plan)}; {energy.FacilityKwh / (plan.Seconds / 3600) / 1000:0.0} MW mean at the meter"));
        text.AppendLine(Invariant($"  energy     {plan.RunEnergy.FacilityKwh / 1e6:0.0} GWh of runs, {plan.IdleEnergy.FacilityKwh / 1e6:0.0} GWh of idle GPUs"));
        text.AppendLine($"  carbon     {CampaignWords.Carbon(plan)}");
        text.AppendLine(Invariant($"  money      {money.Owned / 1e6:0.0} M$ to own the fleet meanwhile, {plan.RunMoney.Rented / 1e6:0.0} M$ to rent what the runs use"));
        text.AppendLine();
    }

    private static void AppendTable(StringBuilder text, CampaignPlan plan)
    {
        var name = plan.Runs.Max(run => run.Run.Name.Length);
        text.AppendLine($"{"run".PadRight(name)}     GPUs   days (80 %)           start     end  GPU-hours     MW    GWh   t CO2e      M$  $/M tokens");
        foreach (var run in plan.Runs)
        {
            var days = Planning.Figure.Around(run.Seconds / SecondsPerDay, run.Plan.RelativeSigma, run.Plan.Evidence);
            var span = Invariant($"{days.Value:0.0} ({days.Low:0.0} to {days.High:0.0})");
            text.Append(Invariant($"{run.Run.Name.PadRight(name)}  {run.Gpus,7:N0}   {span,-20}"));
            text.Append(Invariant($"{run.Start / SecondsPerDay,6:0.0}  {run.End / SecondsPerDay,6:0.0}  {run.GpuHours / 1e6,8:0.00}M  "));
            text.Append(Invariant($"{run.Plan.FacilityWatts / 1e6,5:0.0}  {run.Energy.FacilityKwh / 1e6,5:0.0}  {run.Energy.CarbonTonnes,7:N0}  "));
            text.AppendLine(Invariant($"{run.Money.Owned / 1e6,6:0.0}  {run.OwnedPerMillionTokens,10:0.000}"));
        }

        text.AppendLine();
        foreach (var run in plan.Runs)
            text.AppendLine($"{run.Run.Name.PadRight(name)}  {CampaignWords.Describe(run)}");
        text.AppendLine();
    }

    private static void AppendGantt(StringBuilder text, CampaignPlan plan, int width)
    {
        var name = Math.Max(2, plan.Runs.Max(run => run.Run.Name.Length));
        var columns = Math.Max(20, width - name - 2);
        foreach (var run in plan.Runs)
            text.AppendLine($"{run.Run.Name.PadRight(name)}  {Bar(run, plan.Seconds, columns)}");
        text.AppendLine($"{"MW".PadRight(name)}  {Power(plan, columns)}");
        text.AppendLine($"{"".PadRight(name)}  {Axis(plan.Seconds / SecondsPerDay, columns)}");
    }

    private static string Bar(ScheduledRun run, double seconds, int columns)
    {
        var start = (int)Math.Round(run.Start / seconds * columns);
        var end = Math.Max(start + 1, (int)Math.Round(run.End / seconds * columns));
        return new string(' ', Math.Min(start, columns - 1)) + new string('█', end - start);
    }

    /// <summary>Mean power of each column, as the height of a letter; full height is the campaign's peak.</summary>
    private static string Power(CampaignPlan plan, int columns) => string.Create(columns, plan, static (letters, campaign) =>
    {
        for (var i = 0; i < letters.Length; i++)
        {
            var at = (i + 0.5) / letters.Length * campaign.Seconds;
            var watts = campaign.Intervals.First(interval => at <= interval.End).Watts;
            letters[i] = Heights[(int)Math.Round(watts / campaign.PeakWatts * (Heights.Length - 1))];
        }
    });

    private static string Axis(double days, int columns)
    {
        var last = Invariant($"{days:0.0} days");
        return "0".PadRight(Math.Max(1, columns - last.Length)) + last;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
