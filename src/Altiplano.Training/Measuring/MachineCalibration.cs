using Altiplano.Distributed;
using Altiplano.Planning;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Parallel;

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
        var probe = new StepProbe(world, type);
        var rounds = new List<IReadOnlyList<ProbeResult>>();
        for (var round = 1; round <= Rounds; round++)
        {
            progress($"training steps of {ProbeModel.All.Length} small models, round {round} of {Rounds}");
            rounds.Add([.. ProbeModel.All.Select(probe.Run)]);
        }

        progress("matrix products and a copy");
        var products = new ProductProbe(new Engine(Device.Cpu), type);
        var costs = new ProbeFit(rounds).ToCosts(new RankCosts
        {
            Ranks = world?.Members.Count ?? 1, Threads = threads, Transport = transport, Precision = precision, Peak = default,
            MemoryBandwidth = products.CopyBandwidth(), Products = products.Products(), ProcessMemory = default, PerStep = default,
            PerCall = default, Spread = 0, Operators = [],
        });
        costs = costs with { Peak = costs.Products.MaxBy(p => p.Rate.Value)!.Rate };
        if (world is null)
            return costs;
        progress("collectives, alone and in training steps");
        costs = costs with { Collectives = new CollectiveProbe(world).Measure() };
        return costs with { Exposures = [.. SharedLayouts().Select(layout => Exposure(probe, costs, layout.Axis, layout.Shape, layout.Zero))] };
    }

    private IEnumerable<(string Axis, MeshShape Shape, int Zero)> SharedLayouts()
    {
        var ranks = world!.Members.Count;
        yield return ("dp_shard", new MeshShape { DpShard = ranks }, 3);
        yield return ("dp_replicate", new MeshShape { DpReplicate = ranks }, 0);
        if (ProbeModel.All[SharedProbe].Architecture.NumKeyValueHeads % ranks == 0)
            yield return ("tp", new MeshShape { Tp = ranks }, 0);
    }

    /// <summary>What a shared step takes beyond its operators, over the time that its collectives take alone.</summary>
    private AxisExposure Exposure(StepProbe probe, RankCosts costs, string axis, MeshShape shape, int zero)
    {
        var model = ProbeModel.All[SharedProbe];
        using var mesh = new DeviceMesh(shape, world!);
        var measured = probe.Run(model, new Sharding(mesh, zero));
        var work = ShapeStep.Of(
            model.Architecture, new ModelOptions(model.SeqLen), costs.Precision.ToScalarType(), shape, zero, world!.Rank, model.NewBatch(mesh.DataRank));
        var predicted = new MachineStepModel(costs).Predict(work);
        return new AxisExposure(axis, Math.Max(0, Math.Round((measured.Median - predicted.Time.Compute - predicted.Time.Optimizer) / predicted.Time.Communication, 3)));
    }
}
