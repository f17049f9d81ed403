using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Power;
using Altiplano.Tests.Planning.Search;

namespace Altiplano.Tests.Planning.Power;

/// <summary>Power of steps that the time model makes, not of steps made for the test.</summary>
public sealed class StepPowerTests
{
    private static readonly TransformerShape Gpt3 = new()
    {
        Name = "gpt3-175b", VocabSize = 51_200, HiddenSize = 12_288, NumLayers = 96, NumAttentionHeads = 96, NumKeyValueHeads = 96,
        IntermediateSize = 49_152, IsMlpGated = false, TieWordEmbeddings = true, HasBiases = true, LearnedPositions = 2048,
    };

    /// <summary>NVIDIA's layout for this model on 512 H100 (NeMo 24.07): the run whose servers MLPerf v4.0 measured at 842 to 856 W a GPU is its like.</summary>
    /// <remarks>Ours with coefficients that nobody fitted: 817 W, 3.0 % under the DC figure.</remarks>
    [Fact]
    public void Server_Gpt3On512_IsNearMeasured()
    {
        var workload = new Workload { Model = Gpt3, SeqLen = 2048, GlobalBatchSequences = 2048, Precision = Precision.Fp8 };
        var layout = new Layout
        {
            Tp = 4, Pp = 8, VirtualStages = 6, DpShard = 16, MicroBatchSize = 2, ZeroStage = 1, HasSequenceParallel = true,
            Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward,
        };
        var cluster = H100Clusters.Of(512, H100Clusters.Immersed);

        var cost = new CostModel(workload, cluster, SearchSamples.Stack).Evaluate(layout);

        new PowerModel(cluster, Precision.Fp8).MeanUse(cost).Server.ShouldBeInRange(842 * 0.95, 856 * 1.05);
    }
}
