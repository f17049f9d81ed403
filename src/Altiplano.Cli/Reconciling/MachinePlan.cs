using System.Globalization;
using System.Text.Json;
using Altiplano.Cli.Configuration;
using Altiplano.Planning.Machines;
using Altiplano.Training.Loop;
using Altiplano.Training.Measuring;

namespace Altiplano.Cli.Reconciling;

/// <summary>A run planned on a calibrated machine: the step of its slowest rank, and how long the run takes.</summary>
internal sealed class MachinePlan
{
    private const double SecondsPerHour = 3600;

    private readonly RunConfig _config;
    private readonly MachineSpec _machine;
    private readonly RankCosts _costs;
    private readonly PredictedStep _step;

    private MachinePlan(RunConfig config, MachineSpec machine)
    {
        (_config, _machine) = (config, machine);
        _costs = machine.Find(config.Mesh.World, config.Run.Threads.Or(1), config.Spec.Precision);
        _step = RunWork.Predict(config, _costs);
    }

    private double TokensPerSecond => _config.Spec.Batch.GlobalBatchTokens.Value / _step.Time.Total;

    private double RunHours => _step.Time.Total * _config.TotalSteps / SecondsPerHour;

    /// <summary>Null where the run is planned for a cluster.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="cluster">What --cluster says, in the place of the file's.</param>
    /// <exception cref="ConfigException">The run cannot be planned on the machine.</exception>
    public static MachinePlan? Read(string? file, IReadOnlyList<string> overrides, string? cluster)
    {
        var presets = PresetFolder.Shipped();
        var given = cluster is not null && MachineCatalog.IsMachine(cluster) ? new MachineCatalog(presets).Read(cluster) : null;
        if (file is null)
        {
            return given is null
                ? null
                : throw new ConfigException($"--cluster is {cluster}, a calibrated machine: what it takes follows from a run file. Give RUN.yaml.");
        }

        if (given is null && cluster is not null)
            return null;
        var config = new RunFile(presets).ReadPlanned(file, overrides);
        if ((given ?? config.Spec.Machine) is not { } machine)
            return null;
        var cores = Math.Max(1, machine.Cores / Math.Max(1, config.Mesh.World));
        ConfigException.ThrowIfAny(TrainerLimits.FindProblems(config.Spec));
        var decided = config.Decided(cores);
        ConfigException.ThrowIfAny(decided.Spec.FindLayoutProblems());
        return new MachinePlan(decided, machine);
    }

    /// <summary>Refuses options that speak of a cluster.</summary>
    /// <exception cref="ConfigException">One is given.</exception>
    public static void RequireNone(params IReadOnlyList<(string Name, string? Value)> options) => ConfigException.ThrowIfAny(
        [.. options.Where(o => o.Value is not null).Select(o => $"{o.Name} is {o.Value}, but a calibrated machine has no choices to write. Leave it out.")]);

    public void Show(bool isJson, TextWriter output)
    {
        if (isJson)
            output.WriteLine(JsonSerializer.Serialize(ToAnswer(), ReconcileJson.Default.MachinePlanAnswer));
        else
            Write(output);
    }

    private void Write(TextWriter output)
    {
        var time = _step.Time.Total;
        output.WriteLine($"{_config.Spec.Model.Name} on {_machine.Name}: {_costs.Describe()}, measured {_machine.MeasuredAt}");
        output.WriteLine();
        output.WriteLine($"step      {Show(time * 1e3, "0.0")} ms, {Show(TokensPerSecond, "#,0")} tokens/s");
        output.WriteLine($"run       {_config.TotalSteps:N0} steps, {Show(RunHours, "0.00")} h without validation and checkpoints");
        output.WriteLine($"memory    {_step.Memory} a rank: process {_step.ProcessMemory}, tensors {_step.Tensors}, holes between them {_step.Holes}, checkpoint staging {_step.Staging}");
        output.WriteLine(_costs.CpuPower is { } watts
            ? $"power     {Show(watts.Value, "0")} W of the processors, {Show(watts.Value * RunHours / 1e3, "0.000")} kWh"
            : "power     not known: calibrate found no RAPL counters on this machine");
        output.WriteLine();
        foreach (var (part, seconds) in StepTerms.Of(_step.Time).Where(p => p.Seconds > 0))
        {
            output.WriteLine($"{part,-34} {Show(seconds * 1e3, "0.00"),10} ms {Show(100 * seconds / time, "0.0"),6} %");
            foreach (var term in _step.Terms.Where(t => t.Part == part).OrderByDescending(t => t.Seconds))
                output.WriteLine($"  {term.Name,-32} {Show(term.Seconds * 1e3, "0.00"),10} ms{(term.IsCalibrated ? "" : "   not calibrated: from peak and bandwidth")}");
        }
    }

    private MachinePlanAnswer ToAnswer() => new(
        _machine.Name, "measured", _costs.Describe(), _step.Time.Total * 1e3, TokensPerSecond, RunHours, _step.Memory.Value, _step.ProcessMemory.Value,
        _step.Holes.Value, _step.Staging.Value, _step.Tensors.Value, _step.Terms.Sum(t => t.Flops) / _step.Time.Total / 1e12, _costs.CpuPower?.Value,
        StepTerms.Of(_step.Time).ToDictionary(p => p.Part, p => p.Seconds * 1e3), [.. _step.Terms.Select(PlannedTermAnswer.Of)]);

    private static string Show(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
