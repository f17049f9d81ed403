using Altiplano.Planning.Backtest;
using Altiplano.Planning.Calibration;
using Altiplano.Planning.Hardware;

namespace Altiplano.Cli.Configuration;

/// <summary>Measured runs from files, put in our own terms; the ground of a calibration.</summary>
internal sealed class MeasuredRuns
{
    private readonly CaseMapper _mapper;
    private readonly List<MappedCase> _cases = [];

    public MeasuredRuns(PresetFolder presets)
    {
        var hardware = new HardwareCatalog(presets);
        var servers = new Dictionary<string, ServerSpec>();
        _mapper = new CaseMapper(name => servers.TryGetValue(name, out var server) ? server : servers[name] = hardware.Server(name));
    }

    /// <summary>Reads files; where some runs of a file are marked complete, the others of that file are left out.</summary>
    /// <exception cref="ConfigException">A file cannot be read, or none of the runs can be computed.</exception>
    public MeasuredRuns Read(IReadOnlyCollection<string> files)
    {
        foreach (var file in files)
        {
            var runs = ReadFile(file);
            var hasMarks = runs.Any(r => r.IsComplete);
            foreach (var run in runs.Where(r => r.IsComplete || !hasMarks))
            {
                if (_mapper.TryMap(run, out var mapped, out _) && mapped.MeasuredSeconds is not null)
                    _cases.Add(mapped);
            }
        }

        if (_cases.Count == 0)
            throw new ConfigException($"--from: {string.Join(", ", files)} holds no run with a measured step time that can be computed. " +
                "Give measured.step_s, or see what `backtest --cases` says of each run.");
        return this;
    }

    /// <summary>The runs of one stack.</summary>
    /// <param name="gpus">Names of GPUs to take; all where empty.</param>
    /// <exception cref="ConfigException">Nothing is left, or runs of several stacks are.</exception>
    public CalibrationSet Select(IReadOnlyCollection<string> gpus, string? fabric, string? precision)
    {
        var left = _cases.Where(c => (gpus.Count == 0 || gpus.Contains(c.Cluster.Gpu.Name))
            && (fabric is null || fabric == ClusterSection.Fabric.Write(c.Cluster.Network.Kind).ToString())
            && (precision is null || precision == StackSection.Precision.Write(c.Workload.Precision).ToString())).ToList();
        var kinds = left.GroupBy(c => (Fabric: c.Cluster.Network.Kind, c.Workload.Precision)).ToList();
        var names = left.Select(c => c.Cluster.Gpu.Name).Distinct().Order(StringComparer.Ordinal).ToList();
        if (kinds.Count != 1 || (names.Count > 1 && gpus.Count == 0))
            throw new ConfigException($"--from holds {(left.Count == 0 ? "no run of the stack that was asked for" : "runs of several stacks")}: " +
                $"{string.Join("; ", Stacks())}. Choose one with --gpu, --fabric and --precision.");
        return new CalibrationSet(
            kinds[0].Key.Fabric, kinds[0].Key.Precision, names, [.. left.Select(CalibrationSet.Point).OfType<CalibrationPoint>()])
        {
            All = [.. _cases.Select(CalibrationSet.Point).OfType<CalibrationPoint>()],
            Memory = [.. left.Select(CalibrationSet.MemoryPoint).OfType<MemoryPoint>()],
        };
    }

    public static string Runs(int count) => count == 1 ? "1 run" : $"{count} runs";

    private IEnumerable<string> Stacks() =>
        from c in _cases
        group c by (c.Cluster.Gpu.Name, Fabric: c.Cluster.Network.Kind, c.Workload.Precision) into stack
        orderby stack.Key.Name, stack.Key.Fabric, stack.Key.Precision
        let kind = $"{ClusterSection.Fabric.Write(stack.Key.Fabric)} {StackSection.Precision.Write(stack.Key.Precision)}"
        select $"{stack.Key.Name} {kind} ({Runs(stack.Count())})";

    private static IReadOnlyList<PublishedRun> ReadFile(string path)
    {
        try
        {
            return path.EndsWith(".csv", StringComparison.Ordinal) ? VTrainFile.Read(path) : CaseFile.Read(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"--from is \"{path}\", which cannot be read. {problem.Message}");
        }
    }
}
