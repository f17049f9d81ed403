using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Layers;

public sealed class ParameterInitializationTests
{
    [Fact]
    public void Initialize_SameSeed_GivesTheSameWeightsAndAnotherSeedOthers()
    {
        Weights(seed: 1).ShouldBe(Weights(seed: 1));
        Weights(seed: 1).ShouldNotBe(Weights(seed: 2));
    }

    [Fact]
    public void Initialize_EveryParameter_HasItsMeanAndDeviation()
    {
        using var tiny = new TinyLlama(TinyLlama.Architecture with { VocabSize = 4096, IntermediateSize = 2048 });
        ParameterInitialization.Initialize(tiny.Parameters, 7);

        foreach (var spec in tiny.Parameters.Table)
        {
            var values = tiny.Master(spec.Name);
            var expected = ParameterInitialization.Deviation(spec, isTied: false);
            if (spec.Role == ParameterRole.Norm)
            {
                values.ShouldAllBe(value => value == 1);
                continue;
            }

            // The mean of n values strays by 1/√n deviations, their spread by 1/√(2n): five of each.
            var mean = values.Average();
            var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
            mean.ShouldBe(0, 5 * expected / Math.Sqrt(values.Length), spec.Name);
            deviation.ShouldBe(expected, 5 * expected / Math.Sqrt(2.0 * values.Length), spec.Name);
        }
    }

    [Fact]
    public void Initialize_Fp32_RoundsTheValuesOfFp64()
    {
        Weights(seed: 3, ScalarType.Float32).ShouldBe([.. Weights(seed: 3).Select(value => (double)(float)value)]);
    }

    private static double[] Weights(long seed, ScalarType type = ScalarType.Float64)
    {
        using var tiny = new TinyLlama(type: type);
        ParameterInitialization.Initialize(tiny.Parameters, seed);
        return tiny.Master(ParameterTable.LayerName(1, "mlp.down_proj"));
    }
}
