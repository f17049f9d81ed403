using System.Diagnostics;
using Altiplano.Distributed;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Measuring;

/// <summary>What steps of a probe model took.</summary>
/// <param name="Seconds">Of each timed step.</param>
/// <param name="Calls">Operators of one step, by kind of call, with the time of each call of all timed steps.</param>
/// <param name="PeakTensors">Most bytes of tensors alive at once.</param>
/// <param name="LargestTensor">The largest of them.</param>
/// <param name="PeakMemory">Most bytes of the process resident at once since it started.</param>
/// <param name="Foreign">Share of the machine's cores that other programs used meanwhile.</param>
internal sealed record ProbeResult(
    ProbeModel Model, IReadOnlyList<double> Seconds, IReadOnlyDictionary<CallKey, List<double>> Calls, Bytes PeakTensors, Bytes LargestTensor,
    Bytes PeakMemory, double Foreign)
{
    public double Median => Seconds.Order().ElementAt(Seconds.Count / 2);
}

/// <summary>Trains probe models by the trainer's own step and takes the time of everything in it.</summary>
/// <param name="world">The ranks that run beside this one; each calls the same methods.</param>
/// <param name="isOneProcess">True where the ranks are threads of this process.</param>
internal sealed class StepProbe(ICommunicator? world, bool isOneProcess, ScalarType type)
{
    private const int WarmUpSteps = 3;

    /// <summary>Times of a machine on which other programs use more of the cores are taken again.</summary>
    private const double QuietShare = 0.03;

    private const int MaxAttempts = 4;

    /// <summary>Every rank trains a model of its own at the same time.</summary>
    public ProbeResult Run(ProbeModel model) => Quietest(() => Run(model, Sharding.None, world?.Rank ?? 0));

    /// <summary>All ranks train one model.</summary>
    public ProbeResult Run(ProbeModel model, Sharding sharding) => Quietest(() => Run(model, sharding, sharding.Mesh.DataRank));

    /// <summary>Runs until the machine was quiet, or often enough.</summary>
    private static ProbeResult Quietest(Func<ProbeResult> run)
    {
        var best = run();
        for (var attempt = 1; attempt < MaxAttempts && best.Foreign > QuietShare; attempt++)
        {
            var next = run();
            best = next.Foreign < best.Foreign ? next : best;
        }

        return best;
    }

    private ProbeResult Run(ProbeModel model, Sharding sharding, int dataRank)
    {
        var log = new CallLog();
        var engine = new Engine(Device.Cpu, log);
        using var parameters = new ParameterStore(engine, model.Architecture, type, withGradients: true, sharding);
        ParameterInitialization.Initialize(parameters, seed: 1);
        using var llama = new LlamaModel(parameters, new ModelOptions(model.SeqLen));
        using var optimizer = new AdamW(parameters, new OptimizerConfig());
        var batch = model.NewBatch(dataRank);
        for (var i = 0; i < WarmUpSteps; i++)
            TrainingStep.Run(llama, optimizer, [batch], 1e-4);
        world?.Run(Collective.Barrier());
        log.IsOn = true;
        var load = new ForeignLoad(world, isOneProcess);
        var seconds = new double[model.Steps];
        for (var i = 0; i < seconds.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            TrainingStep.Run(llama, optimizer, [batch], 1e-4);
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        world?.Run(Collective.Barrier());
        var foreign = load.Share();
        return new ProbeResult(model, seconds, log.Seconds, new Bytes(engine.PeakBytes), new Bytes(log.LargestBytes), ProcessMemory.Peak(), foreign);
    }
}
