using Altiplano.Distributed;
using Altiplano.Planning;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Measuring.Power;
using Altiplano.Training.Parallel;
using Altiplano.Training.Tracing;

namespace Altiplano.Training.Measuring;

/// <summary>Measures what a step costs one rank of this machine, with all ranks at work.</summary>
/// <param name="world">All ranks, each of which calls <see cref="Measure"/>; null for one rank alone.</param>
/// <param name="threads">Threads of this rank.</param>
/// <param name="transport">One of the names in <see cref="RankCosts"/>.</param>
public sealed class MachineCalibration(ICommunicator? world, int threads, string transport, Precision precision)
{
    private const int Rounds = 2;

    /// <summary>The probe on which overlap is measured.</summary>
    private const int SharedProbe = 2;

    /// <summary>Rounds of probes, products and collectives; takes about half a minute.</summary>
    /// <param name="progress">Told what is measured next.</param>
    public RankCosts Measure(Action<string> progress)
    {
        var type = precision.ToScalarType();
        var probe = new StepProbe(world, transport == RankCosts.InProcess, type);
        var rounds = new List<IReadOnlyList<ProbeResult>>();
        using var power = PowerMeter.OfThisMachine();
        for (var round = 1; round <= Rounds; round++)
        {
            progress($"training steps of {ProbeModel.All.Length} small models, round {round} of {Rounds}");
            rounds.Add([.. ProbeModel.All.Select(probe.Run)]);
        }

        var watts = power.CpuWatts();
        progress("matrix products and a copy");
        var products = new ProductProbe(new Engine(Device.Cpu), type);
        var costs = new ProbeFit(rounds).ToCosts(new RankCosts
        {
            Ranks = world?.Members.Count ?? 1, Threads = threads, Transport = transport, Precision = precision, Peak = default,
            MemoryBandwidth = products.CopyBandwidth(), Products = products.Products(), ProcessMemory = default, PerStep = default,
            PerCall = default, Spread = 0, Operators = [], CpuPower = watts is { } found ? new Watts(Math.Round(found, 1)) : null,
        });
        costs = costs with { Peak = costs.Products.MaxBy(p => p.Rate.Value)!.Rate };
        if (world is null)
            return costs;
        progress("collectives, alone and in training steps");
        var shared = SharedLayouts().Select(layout => new SharedStep(layout.Axis, layout.Layout, Run(probe, layout.Layout))).ToList();
        costs = costs with { Collectives = new CollectiveProbe(world).Measure() };
        costs = costs with { Operators = ProbeFit.WithMissing(costs.Operators, [.. shared.Select(step => step.Measured)]) };
        return costs with { Exposures = [.. shared.Select(step => Exposure(costs, step))] };
    }

    /// <summary>A step of one model that all ranks train together.</summary>
    private sealed record SharedStep(string Axis, Layout Layout, ProbeResult Measured);

    private IEnumerable<(string Axis, Layout Layout)> SharedLayouts()
    {
        var ranks = world!.Members.Count;
        yield return ("dp_shard", new Layout { DpShard = ranks, ZeroStage = 3 });
        yield return ("dp_replicate", new Layout { DpReplicate = ranks });
        if (ProbeModel.All[SharedProbe].Architecture.NumKeyValueHeads % ranks == 0)
            yield return ("tp", new Layout { Tp = ranks });
    }

    private ProbeResult Run(StepProbe probe, Layout layout)
    {
        using var mesh = new DeviceMesh(layout.Mesh, world!);
        return probe.Run(ProbeModel.All[SharedProbe], new Sharding(mesh, layout.ZeroStage));
    }

    /// <summary>What a shared step takes beyond its operators, over the time that its collectives take alone.</summary>
    private AxisExposure Exposure(RankCosts costs, SharedStep step)
    {
        var predicted = new MachineStepModel(costs).Predict(WorkOf(step.Measured.Model, step.Layout)).Time;
        return new AxisExposure(
            step.Axis, Math.Max(0, Math.Round((step.Measured.Median - predicted.Compute - predicted.Optimizer) / predicted.Communication, 3)));
    }

    private StepWork WorkOf(ProbeModel model, Layout layout) => StepWorks.Of(ShapeStep.Run(
        new StepSetting
        {
            Model = model.Architecture, SeqLen = model.SeqLen, SequencesPerStep = model.Sequences * layout.Dp, Precision = precision,
            Layout = layout with { MicroBatchSize = model.Sequences },
        },
        world!.Rank));
}
