using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning;

/// <summary>What can be planned and not be trained yet: the only list of it.</summary>
public static class TrainerLimits
{
    /// <summary>Everything of a run that the trainer cannot do, with the run file's paths.</summary>
    public static IReadOnlyList<string> FindProblems(RunSpec run)
    {
        var problems = new ProblemList("");
        problems.Require(run.Model.IsTrainable, "model", run.Model.Name, ModelSpec.OnlyPlanned);
        if (run.Model.IsTrainable)
        {
            problems.Require(
                run.Model.Shape.Vision is null, "model.vision", "given",
                "training is of the text model alone. Set it to null, or use a model without.");
            FindMeshProblems(run, problems);
        }

        if (run.Batch.MaxGlobalBatchTokens is { } max)
        {
            problems.Require(
                false, "batch.global_batch_tokens", $"[{run.Batch.GlobalBatchTokens}, {max}]",
                $"training needs one size. Write {Math.Max(run.Batch.SeqLen, run.Batch.GlobalBatchTokens.Value / run.Batch.SeqLen * run.Batch.SeqLen)}, " +
                "or let plan --write choose.");
        }

        problems.Require(
            run.Phases.Count == 0, "phases", $"a list of {run.Phases.Count}",
            "training has one batch and one length of sequence. Remove phases, and run one file for each, " +
            "each starting from the weights of the one before.");
        problems.Require(
            run.Precision != Precision.Fp8, "run.precision", "fp8",
            "training is in fp32, fp64 or bf16; fp8 can only be planned. Use bf16.");
        return problems.Problems;
    }

    private static void FindMeshProblems(RunSpec run, ProblemList problems)
    {
        var (tp, model) = (run.Mesh.Tp.Or(1), run.Model.Architecture);
        problems.Require(
            tp <= model.NumKeyValueHeads, "mesh.tp", tp,
            $"the model has {model.NumKeyValueHeads} key/value heads and each rank needs whole heads. Use {WholeHeads(run.Model)}.");
    }

    /// <summary>Degrees of tp that give each rank whole heads and equal parts of the feed-forward widths, as in <c>1, 2 or 4</c>.</summary>
    private static string WholeHeads(ModelSpec model)
    {
        var heads = model.Architecture.NumKeyValueHeads;
        var degrees = Enumerable.Range(1, heads).Where(tp => heads % tp == 0 && LayoutRules.DividesWidths(model.Shape, tp)).ToList();
        return degrees.Count == 1 ? "1" : $"{string.Join(", ", degrees.SkipLast(1))} or {degrees[^1]}";
    }
}
