using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;

namespace Altiplano.Training.Parallel.SelfTest;

/// <summary>What a trial computed, step by step, and the weights it ended with.</summary>
/// <param name="Gradients">Of each step, by parameter, before clipping.</param>
public sealed record TrialResult(
    double[] Losses, double[] GradNorms, IReadOnlyList<IReadOnlyDictionary<string, double[]>> Gradients,
    IReadOnlyDictionary<string, double[]> Weights);

/// <summary>Trains the toy model on one layout, each rank a thread of this process.</summary>
public static class LayoutTrial
{
    /// <exception cref="CollectiveException">A rank failed.</exception>
    public static TrialResult Run(TrialSpec spec, TrialLayout layout)
    {
        var shape = layout.Mesh;
        var table = ParameterTable.Of(spec.Architecture);
        var gradients = Enumerable.Range(0, spec.Steps).Select(_ => new WholeTensors(table)).ToList();
        var weights = new WholeTensors(table);
        var outcomes = new StepOutcome[shape.World][];
        InProcessWorld.Run(shape.World, world =>
        {
            using var mesh = new DeviceMesh(shape, world);
            var sharding = new Sharding(mesh, layout.Zero, layout.Schedule, layout.VirtualStages);
            outcomes[world.Rank] = RunRank(spec, sharding, gradients, weights);
        });
        RequireAgreement(outcomes);
        return new TrialResult(
            [.. outcomes[0].Select(outcome => outcome.Loss)], [.. outcomes[0].Select(outcome => outcome.GradNorm)],
            [.. gradients.Select(step => step.Values)], weights.Values);
    }

    private static StepOutcome[] RunRank(TrialSpec spec, Sharding sharding, List<WholeTensors> gradients, WholeTensors weights)
    {
        var engine = new Engine(Device.Cpu);
        using var parameters = new ParameterStore(
            engine, spec.Architecture, spec.Precision.ToScalarType(), withGradients: true, sharding);
        ParameterInitialization.Initialize(parameters, spec.Seed);
        using var optimizer = new AdamW(parameters, spec.Optimizer);
        using var model = new LlamaModel(
            parameters, new ModelOptions(TrialSpec.SeqLen, spec.Recompute, TrialSpec.HeadChunkRows));
        var batches = spec.NewBatches();
        var outcomes = new StepOutcome[spec.Steps];
        for (var step = 0; step < spec.Steps; step++)
        {
            var samples = StepSamples.Of(
                (long)step * TrialSpec.SequencesPerStep, TrialSpec.SequencesPerStep, TrialSpec.MaxMicroBatchSize, sharding.Mesh);
            var microbatches = samples.Select(part => batches.Read(part.First, part.Count)).ToList();
            outcomes[step] = TrainingStep.Run(model, optimizer, microbatches, spec.Optimizer.Lr);
            gradients[step].Add(parameters, group => group.Gradients);
        }

        weights.Add(parameters, group => group.Master);
        return outcomes;
    }

    private static void RequireAgreement(StepOutcome[][] outcomes)
    {
        for (var rank = 1; rank < outcomes.Length; rank++)
        {
            for (var step = 0; step < outcomes[0].Length; step++)
            {
                if (outcomes[rank][step] != outcomes[0][step])
                    throw new InvalidOperationException($"Step {step} is {outcomes[0][step]} on rank 0 and {outcomes[rank][step]} on rank {rank}.");
            }
        }
    }
}
