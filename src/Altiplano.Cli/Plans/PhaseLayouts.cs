using System.Globalization;
using System.Text;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans;

/// <summary>Layouts of a plan that a run file, which has one for the whole run, cannot hold.</summary>
internal static class PhaseLayouts
{
    /// <returns>Comment lines for the run file, a line for each phase; empty where all phases have the main phase's layout.</returns>
    public static string Comments(TrainingPlan plan)
    {
        var main = plan.Main.Winner.Layout;
        if (plan.Phases.All(phase => phase.Winner.Layout == main))
            return "";
        var text = new StringBuilder();
        text.Append($"# A run file has one layout: this one has that of the phase {plan.Main.Phase.Name}. Planned for each phase:\n");
        foreach (var phase in plan.Phases)
        {
            var (winner, seqLen) = (phase.Winner, phase.Phase.SeqLen);
            text.Append(CultureInfo.InvariantCulture, $"#   {phase.Phase.Name}: {LayoutText.Of(winner.Layout)}, batch {winner.GlobalBatchSequences:N0} x {seqLen:N0} tokens\n");
        }

        return text.ToString();
    }
}
