using Altiplano.Cli.Configuration;
using Altiplano.Planning.Machines;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Measuring;

namespace Altiplano.Cli.Reconciling;

/// <summary>Reads a run folder and predicts its steps on a calibrated machine.</summary>
internal static class MeasuredRun
{
    /// <param name="root">The run folder.</param>
    /// <param name="machineFile">Null for the cluster of the run file.</param>
    /// <exception cref="ConfigException">The folder holds no measured run, or nothing says what its machine is like.</exception>
    public static Reconciliation Read(string root, string? machineFile, PresetFolder presets)
    {
        var folder = new RunFolder(root);
        if (!File.Exists(folder.Config))
            throw new ConfigException($"RUN is {root}, which has no config.yaml: it is no run folder. Give the folder that run.out of the run file names.");
        var config = new RunFile(presets).Read(folder.Config, []);
        var machine = MachineOf(config, machineFile, presets);
        var ranks = Ranks(folder, config);
        var costs = machine.Find(ranks.Count, config.Run.Threads.Or(1), config.Spec.Precision);
        return Reconciliation.Of(costs, Predict(config, costs, ranks[0][^1].Step), ranks, StepSeconds(folder));
    }

    /// <param name="lastStep">The last that was measured: memory for checkpoints is not taken before the first one.</param>
    private static PredictedStep Predict(RunConfig config, RankCosts costs, long lastStep)
    {
        var predicted = RunWork.Predict(config, costs);
        return lastStep > config.Run.CheckpointEvery.Or(RunSection.UsualCheckpointEvery) ? predicted : predicted with { Staging = default };
    }

    private static MachineSpec MachineOf(RunConfig config, string? file, PresetFolder presets)
    {
        if (file is not null)
            return new MachineCatalog(presets).Read(file);
        return config.Spec.Machine ?? throw new ConfigException(
            "--cluster is missing, and the run file's cluster is no calibrated machine. Measure this machine with altiplano calibrate --out here.yaml, " +
            "and give --cluster here.yaml.");
    }

    private static List<IReadOnlyList<StepMeasurement>> Ranks(RunFolder folder, RunConfig config)
    {
        var ranks = new List<IReadOnlyList<StepMeasurement>>();
        while (File.Exists(folder.Measured(ranks.Count)))
            ranks.Add(StepMeasurement.Load(folder.Measured(ranks.Count)));
        if (ranks.Count == 0 || ranks.Exists(rank => rank.Count == 0))
        {
            throw new ConfigException(
                $"{folder.Measured(0)} holds no measured step: train measures every step whose number divides by run.log_every, {config.Run.LogEvery} in this run. " +
                "Train more steps, or with a smaller run.log_every.");
        }

        return ranks;
    }

    private static IReadOnlyList<double> StepSeconds(RunFolder folder) =>
        [.. MetricsHistory.Load(folder.Metrics)[Metric.StepSeconds].Select(point => point.Value)];
}
