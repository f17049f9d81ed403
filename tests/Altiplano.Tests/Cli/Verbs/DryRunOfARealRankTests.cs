using System.Text.Json.Nodes;
using Altiplano.Cli.DryRuns;
using Altiplano.Planning;
using Altiplano.Tests.Training.Loop.Ranks;

namespace Altiplano.Tests.Cli.Verbs;

/// <summary>What a dry run says that a rank starts with is what that rank saves when it starts: the ranks train, as threads.</summary>
public sealed class DryRunOfARealRankTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<MeshLayout, Precision> Runs => new()
    {
        { new MeshLayout(Pp: 2, DpShard: 2, Tp: 2, Zero: 3), Precision.Bf16 }, { new MeshLayout(DpReplicate: 2, Cp: 2, Zero: 1), Precision.Fp32 },
        { new MeshLayout(DpShard: 2, Zero: 2), Precision.Fp64 }, { new MeshLayout(Pp: 3, Tp: 2), Precision.Bf16 },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Start_OfEveryRank_IsWhatTheRankSaved(MeshLayout layout, Precision precision)
    {
        var run = new MeshRun(_folder) { Precision = precision };
        run.Train("mesh", layout, stopAfter: 1);

        var question = DryRunQuestion.Of(run.Config("mesh", layout));
        for (var rank = 0; rank < layout.Mesh.World; rank++)
        {
            var saved = JsonNode.Parse(File.ReadAllText(Path.Combine(run.Folder("mesh").Ranks, $"rank-{rank:D5}.json")));
            using var output = new StringWriter();
            DryRunJson.Write(DryRun.Of(question, rank, step: 0), output);

            var start = JsonNode.Parse(output.ToString())!["start"];
            JsonNode.DeepEquals(start, saved).ShouldBeTrue($"rank {rank}: the dry run says {start}, the rank saved {saved}");
        }
    }
}
