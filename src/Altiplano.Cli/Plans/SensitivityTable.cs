using Altiplano.Planning.Search;
using Spectre.Console;

namespace Altiplano.Cli.Plans;

/// <summary>The sensitivity of a plan for the console: what most moves its objective.</summary>
internal static class SensitivityTable
{
    private const int Shown = 6;

    public static Table Of(TrainingPlan plan)
    {
        var objective = plan.Request.Objective;
        var table = new Table { Border = TableBorder.Simple };
        foreach (var name in new[] { "if this is other", $"{PlanWords.Objective(objective)} is", "and if this", $"{PlanWords.Objective(objective)} is", "layout" })
            table.AddColumn(name);
        foreach (var pair in Sensitivity.Of(plan).GroupBy(s => s.Name).Take(Shown))
            table.AddRow([.. Cells(pair.ElementAt(0)), .. pair.Count() > 1 ? Cells(pair.ElementAt(1)) : ["", ""], Layouts(plan, pair)]);
        return table;

        string[] Cells(Sensitivity item) => [$"{item.Name} x {item.Factor:0.##}", PlanWords.Change(item.Kept.Of(objective))];
    }

    /// <summary>Whether another of the listed layouts would then be better.</summary>
    private static string Layouts(TrainingPlan plan, IEnumerable<Sensitivity> pair)
    {
        var others = pair.Where(s => s.BestLayout > 0).Select(s =>
            $"x {s.Factor:0.##}: no. {s.BestLayout + 1} is better, {PlanWords.Change(s.Best.Of(plan.Request.Objective))}").ToArray();
        return others.Length > 0 ? string.Join("; ", others) : "stays";
    }
}
