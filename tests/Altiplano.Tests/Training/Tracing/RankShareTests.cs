using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;

namespace Altiplano.Tests.Training.Tracing;

/// <summary>What a dry run says of a rank is what that rank saves at start-up.</summary>
public sealed class RankShareTests
{
    /// <summary>ZeRO's stage, and the element type.</summary>
    public static TheoryData<int, Precision> Runs => new() { { 0, Precision.Fp32 }, { 1, Precision.Bf16 }, { 2, Precision.Fp64 }, { 3, Precision.Bf16 } };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Of_EveryRank_IsWhatTheRankStartsWith(int zero, Precision precision)
    {
        var config = Config(zero, precision);
        var setting = new StepSetting
        {
            Model = config.Spec.Model.Architecture, Layout = config.Spec.ToLayout(), SeqLen = config.Spec.Batch.SeqLen,
            SequencesPerStep = config.Spec.Batch.SequencesPerStep, Precision = precision,
        };
        for (var rank = 0; rank < config.Mesh.World; rank++)
        {
            var (start, share) = (RankStart.Of(config, rank), RankShare.Of(setting, rank));

            foreach (var axis in start.Groups)
            {
                var group = share.Groups.Single(group => group.Axis == axis.Axis);
                (group.Place, group.Members.Count, group.Members[0], group.Members[1] - group.Members[0])
                    .ShouldBe((axis.Place, axis.Degree, axis.First, axis.Stride));
            }

            share.Buffers.Sum(buffer => buffer.StateBytes).ShouldBe(start.StateBytes);
            share.Buffers.Sum(buffer => buffer.Length).ShouldBe(start.NumParameters);
            share.Buffers.Sum(buffer => buffer.Kept).ShouldBe(start.NumKeptParameters);
            share.Buffers.SelectMany(buffer => buffer.Parameters).Select(part => (part.Name, part.First, part.First + part.Count))
                .ShouldBe(start.Shards.Select(shard => (shard.Parameter, shard.Range[0], shard.Range[1])));
            setting.SamplesOf(0, rank).ShouldBe(start.Samples.Select(samples => (samples.First, samples.Count)));
        }
    }

    private static RunConfig Config(int zero, Precision precision) => new RunConfig
    {
        Spec = new RunSpec
        {
            Model = new() { Name = "toy", Architecture = new TrialSpec().Architecture },
            Batch = new BatchSpec { GlobalBatchTokens = new TokenCount(8 * 16), SeqLen = 16, MicroBatchSize = 2 },
            Mesh = MeshSpec.Of(new MeshShape { Pp = 2, DpShard = 2, Cp = 2, Tp = 2 }),
            Parallel = new ParallelSpec { Zero = zero },
            Precision = precision,
        },
        Data = new DataConfig { Train = [] },
        Run = new RunSection { Steps = 1, Out = "out" },
    }.Decided(1);
}
