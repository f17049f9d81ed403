using Altiplano.Planning.Architecture;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Machines;
using Altiplano.Torch;
using Altiplano.Training.Measuring;

namespace Altiplano.Tests.Training.Measuring;

public sealed class ProbeFitTests
{
    private static readonly ProbeModel Tiny = new(
        new LlamaArchitecture { VocabSize = 64, HiddenSize = 32, IntermediateSize = 64, NumLayers = 1, NumAttentionHeads = 2, NumKeyValueHeads = 2, MaxPositionEmbeddings = 16 },
        SeqLen: 16, Sequences: 2, Steps: 3);

    [Fact]
    public void ToCosts_OfRealSteps_HasACostForEveryOperatorOfAStep()
    {
        Libtorch.Load();
        var probe = new StepProbe(null, isOneProcess: false, ScalarType.Float32);

        var costs = new ProbeFit([[probe.Run(Tiny), probe.Run(Tiny)]]).ToCosts(TestMachines.One);

        string[] expected =
        [
            "adamw", "addmm", "attention", "attention_backward", "cross_entropy", "embedding", "embedding_backward", "mm", "rms_norm",
            "rms_norm_backward_input", "rms_norm_backward_weight", "rotate", "sum_of_squares", "swiglu", "swiglu_backward",
        ];
        expected.ShouldBeSubsetOf(costs.Operators.Select(o => o.Name));
        costs.Operators.ShouldAllBe(o => o.PerCall >= 0 && o.PerGflop >= 0 && o.PerGb >= 0);
        costs.ForeignLoad.ShouldBeInRange(0, 1);
    }

    /// <summary>Two rounds of 10 and 12 ms: a difference of 2 over a mean of 11.</summary>
    [Fact]
    public void ToCosts_RoundsThatDiffer_SaysByHowMuch() =>
        new ProbeFit([[Result(0.010)], [Result(0.012)]]).ToCosts(TestMachines.One).Spread.ShouldBe(2 / 11.0, 1e-3);

    /// <summary>Calls of 6 ms of a step of 10 ms: what is around them is the rest.</summary>
    [Fact]
    public void ToCosts_TimeOutsideOperators_GoesToCallsAndSteps()
    {
        var costs = new ProbeFit([[Result(0.010)]]).ToCosts(TestMachines.One);

        (costs.PerStep.Value + 2 * costs.PerCall.Value).ShouldBe(0.004, 1e-6);
    }

    /// <summary>100 MiB of a process and two holes of the size of the largest tensor.</summary>
    [Fact]
    public void ToCosts_Memory_TellsProcessFromHoles()
    {
        var costs = new ProbeFit([[Result(0.01, largestMib: 10), Result(0.01, largestMib: 40)]]).ToCosts(TestMachines.One);

        costs.ProcessMemory.ShouldBe(new Bytes(100 * Bytes.PerMib));
        costs.Holes.ShouldBe(2, 1e-3);
    }

    private static ProbeResult Result(double step, long largestMib = 10) => new(
        Tiny, [step], new Dictionary<CallKey, List<double>> { [new CallKey("mm", 1e6, 1000)] = [0.003, 0.003] }, new Bytes(50 * Bytes.PerMib),
        new Bytes(largestMib * Bytes.PerMib), new Bytes((100 + 50 + 2 * largestMib) * Bytes.PerMib), Foreign: 0);
}
