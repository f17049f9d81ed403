using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>Everything of a rank's coordinates that its step's operators and collectives depend on.</summary>
/// <remarks>
/// What the step reads of each coordinate:
/// pp: which chunks of the model the rank has, and its row of the schedule: all of it is in <paramref name="Pp"/>.
/// tp: how many rows or columns of each parameter it has; parts differ by one where the ranks do not divide a dim, as a vocabulary:
/// all of it is in <paramref name="TpSizes"/>.
/// cp: which rows of the sequence it has; it has as many as every other, and what it sends and receives does not depend on which.
/// dp_shard with cp: which part of each flat buffer it keeps; parts are equally long, the last one filled up.
/// dp_shard with dp_replicate: which samples it reads; as many as every other.
/// ep: which experts it has, as many and as large as every other; and how many rows visit them, which differs where the rows do not divide:
/// all of it is in <paramref name="EpLoads"/>.
/// So cp, dp_shard and dp_replicate change values and places, no shape and no order.
/// </remarks>
/// <param name="TpSizes">Elements of every parameter that the tp rank has, as one number for each different list of them.</param>
/// <param name="EpLoads">Rows of a microbatch for each of the ep rank's experts, as one number for each different list of them.</param>
/// <param name="IsBroken">True for a rank with a planted fault: it is a class of its own.</param>
public readonly record struct RankFingerprint(int Pp, int TpSizes, int EpLoads, bool IsBroken);

/// <summary>The ranks of a job, sorted by <see cref="RankFingerprint"/>.</summary>
public sealed class RankClasses
{
    private readonly int[] _classOf;

    private RankClasses(int[] classOf, IReadOnlyList<RankClass> all) => (_classOf, All) = (classOf, all);

    public IReadOnlyList<RankClass> All { get; }

    /// <summary>Index of a rank's class.</summary>
    public int Of(int rank) => _classOf[rank];

    /// <param name="broken">A rank that is a class of its own; null for none.</param>
    public static RankClasses Of(StepSetting setting, int? broken = null)
    {
        var mesh = setting.Layout.Mesh;
        var (stride, sizes, loads) = (mesh.World / mesh.Pp, SizesOf(setting.Model, mesh.Tp), LoadsOf(setting));
        var found = new Dictionary<RankFingerprint, int>();
        var (classOf, first, last, counts) = (new int[mesh.World], new List<int>(), new List<int>(), new List<int>());
        for (var rank = 0; rank < mesh.World; rank++)
        {
            var fingerprint = new RankFingerprint(rank / stride, sizes[rank % mesh.Tp], loads[rank / mesh.Tp % mesh.Ep], rank == broken);
            if (!found.TryGetValue(fingerprint, out var index))
            {
                found[fingerprint] = index = found.Count;
                first.Add(rank);
                last.Add(rank);
                counts.Add(0);
            }

            classOf[rank] = index;
            last[index] = rank;
            counts[index]++;
        }

        return new RankClasses(classOf, [.. found.Select(pair => new RankClass(pair.Key, first[pair.Value], last[pair.Value], counts[pair.Value]))]);
    }

    /// <summary>For each tp rank the number of its list of sizes.</summary>
    private static int[] SizesOf(LlamaArchitecture model, int tp)
    {
        var table = ParameterTable.Of(model);
        return Numbers(tp, rank => string.Join(' ', table.Select(spec => ParameterSlice.Of(spec, rank, tp).NumElements)));
    }

    /// <summary>For each ep rank the number of its list of loads, rows visiting the experts evenly.</summary>
    private static int[] LoadsOf(StepSetting setting)
    {
        var layout = setting.Layout;
        if (setting.Model.Mixture is not { } mixture)
            return new int[layout.Ep];
        var rows = (long)layout.MicroBatchSize * setting.SeqLen / (layout.Cp * layout.Tp);
        var counts = RoutingAssumption.Balanced.CountsOf(rows * mixture.TopK, mixture.NumExperts);
        var each = mixture.NumExperts / layout.Ep;
        return Numbers(layout.Ep, rank => string.Join(' ', counts.Skip(rank * each).Take(each)));
    }

    /// <summary>Equal numbers for equal lists.</summary>
    private static int[] Numbers(int degree, Func<int, string> listOf)
    {
        var lists = new Dictionary<string, int>();
        return [.. Enumerable.Range(0, degree).Select(listOf).Select(list => lists.TryGetValue(list, out var number) ? number : lists[list] = lists.Count)];
    }
}

/// <summary>Ranks whose steps have the same operators and collectives.</summary>
/// <param name="First">The rank that is traced for all of them.</param>
/// <param name="Last">The one that differs most from it in its other coordinates.</param>
public sealed record RankClass(RankFingerprint Fingerprint, int First, int Last, int Count);
