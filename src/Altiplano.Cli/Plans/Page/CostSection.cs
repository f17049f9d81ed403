using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Planning.Economics;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans.Page;

/// <summary>What the run costs its owner, part by part, and what the market asks.</summary>
internal static class CostSection
{
    private const double JoulesPerKwh = 3.6e6;

    public static void Append(StringBuilder html, PlanView view)
    {
        var money = view.Plan.Phases.Aggregate(default(RunMoney), (sum, phase) =>
            sum + new MoneyModel(view.Cluster).OfRun(phase.GpuHours * (1 + SpareShare(phase)), phase.Winner.Run.Joules / JoulesPerKwh));
        var hours = view.Plan.GpuHours;
        var most = Math.Max(money.Owned, money.Rented);
        html.Heading("Money", $"{PlanWords.Money(money.Owned)} to the owner of the cluster, {PlanWords.Money(money.Rented)} of rent; spares and time lost to failures counted");
        html.Append("<div class=\"card\">").BeginTable("part", "of the run", "a GPU-hour", "a million tokens", PlanHtml.Bars);
        (string Name, double Dollars)[] owned =
            [("machines", money.Machines), ("building", money.Building), ("energy", money.Energy), ("operations", money.Operations)];
        foreach (var (name, dollars) in owned)
            Row("", $"<i class=\"swatch {PartColours.Of(name)}\"></i>{name}", dollars, [(name, dollars)]);
        Row("sum", "owned", money.Owned, owned);
        Row("sum", "rented", money.Rented, [("rent", money.Rented)]);
        html.EndTable().Append("</div>");
        var prices = view.Cluster.Prices;
        html.Say($"Machines are written off over {PlanHtml.F(prices.AmortisationYears, "0.#")} years, the building over {PlanHtml.F(prices.FacilityYears, "0.#")}, every hour of them used; " +
            $"${PlanHtml.F(prices.EnergyPerKwh.Value, "0.000")} a kWh at a PUE of {PlanHtml.F(view.Cluster.Facility.Pue, "0.00")}; rent ${PlanHtml.F(prices.RentalPerGpuHour.Value, "0.00")} a GPU-hour.");

        void Row(string kind, string name, double dollars, (string Name, double Dollars)[] parts)
        {
            html.Append($"<tr class=\"{kind}\"><td>{name}</td>").Cell(PlanWords.Money(dollars)).Cell($"${PlanHtml.F(dollars / hours, "0.00")}");
            html.Cell($"${PlanHtml.F(dollars / view.Plan.Tokens * 1e6, "0.000")}").Append("<td class=\"bar\">");
            StackedBar.Append(html, parts.Select(p => new BarPart(p.Dollars / most, PartColours.Of(p.Name), $"{p.Name} {PlanWords.Money(p.Dollars)}")));
            html.Append("</td></tr>");
        }
    }

    /// <summary>Spare servers over training ones: they are paid for too.</summary>
    private static double SpareShare(PhasePlan phase) => phase.Recovery is { } recovery ? (double)recovery.Spares / recovery.Scale.Servers : 0;
}
