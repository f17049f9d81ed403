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

/// <summary>Trains the toy model on one layout.</summary>
public static class LayoutTrial
{
    /// <summary>Each rank a thread of this process.</summary>
    /// <exception cref="CollectiveException">A rank failed.</exception>
    public static TrialResult Run(TrialSpec spec, TrialLayout layout)
    {
        var results = new TrialResult[layout.Mesh.World];
        InProcessWorld.Run(layout.Mesh.World, world => results[world.Rank] = RunRank(spec, layout, world));
        for (var rank = 1; rank < results.Length; rank++)
        {
            if (!results[rank].Losses.SequenceEqual(results[0].Losses) || !results[rank].GradNorms.SequenceEqual(results[0].GradNorms))
                throw new InvalidOperationException($"Losses or gradient norms of rank {rank} are not those of rank 0.");
        }

        return results[0];
    }

    /// <summary>This rank's part.</summary>
    /// <param name="world">As many ranks as the layout has; each runs the same trial.</param>
    /// <returns>The result of all ranks together.</returns>
    public static TrialResult RunRank(TrialSpec spec, TrialLayout layout, ICommunicator world)
    {
        var engine = new Engine(Device.Cpu);
        using var mesh = new DeviceMesh(layout.Mesh, world);
        using var everyone = new Axis(world.Group("trial", RankGroup.All(world.Members.Count)));
        using var parameters = new ParameterStore(
            engine, spec.Architecture, spec.Precision.ToScalarType(), withGradients: true,
            new Sharding(mesh, layout.Zero, layout.Schedule, layout.VirtualStages, layout.CpMethod, layout.HasSequenceParallel));
        ParameterInitialization.Initialize(parameters, spec.Seed);
        using var optimizer = new AdamW(parameters, spec.Optimizer);
        using var model = new LlamaModel(
            parameters, new ModelOptions(TrialSpec.SeqLen, spec.Recompute, TrialSpec.HeadChunkRows));
        var outcomes = new List<StepOutcome>();
        var gradients = new List<IReadOnlyDictionary<string, double[]>>();
        for (var step = 0; step < spec.Steps; step++)
        {
            outcomes.Add(TrainingStep.Run(model, optimizer, ReadStep(spec, mesh, step), spec.Optimizer.Lr));
            gradients.Add(Gather(parameters, everyone, group => group.Gradients));
        }

        var weights = Gather(parameters, everyone, group => group.Master);
        return new TrialResult(
            [.. outcomes.Select(outcome => outcome.Loss)], [.. outcomes.Select(outcome => outcome.GradNorm)], gradients, weights);
    }

    private static List<HostBatch> ReadStep(TrialSpec spec, DeviceMesh mesh, int step)
    {
        var batches = spec.NewBatches();
        var samples = StepSamples.Of(
            (long)step * TrialSpec.SequencesPerStep, TrialSpec.SequencesPerStep, TrialSpec.MaxMicroBatchSize, mesh);
        return [.. samples.Select(part => batches.Read(part.First, part.Count))];
    }

    private static IReadOnlyDictionary<string, double[]> Gather(
        ParameterStore parameters, Axis everyone, Func<ParameterGroup, Tensor> buffer)
    {
        var whole = new WholeTensors(parameters.Table);
        whole.Add(parameters, buffer);
        whole.Gather(parameters.Engine, everyone);
        return whole.Values;
    }
}
