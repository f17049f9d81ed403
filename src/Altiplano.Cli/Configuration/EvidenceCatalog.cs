using Altiplano.Planning.Backtest;

namespace Altiplano.Cli.Configuration;

/// <summary>The published measurements that ship with the program: <c>presets/evidence</c>, one file a source.</summary>
internal sealed class EvidenceCatalog(PresetFolder presets)
{
    private const string Kind = "evidence";

    /// <summary>Every source, by file name; its runs carry their model, source and citation.</summary>
    /// <exception cref="ConfigException">A file has problems; lists all of the first such file.</exception>
    public IReadOnlyList<EvidenceSource> Sources() => [.. presets.Names(Kind).Select(name => Read(presets.PathOf(Kind, name)))];

    public static EvidenceSource Read(string path)
    {
        var reading = new YamlReading(path);
        EvidenceSection.Source.TryRead(YamlText.ParseFile(path), "", reading, new EvidenceSource(), out var source);
        ConfigException.ThrowIfAny(reading.Problems);
        return source! with { Runs = [.. source.Runs.Select(run => Complete(run, source))] };
    }

    /// <summary>A run is complete with a microbatch and, in a pipeline, its number of chunks; all complete ones count in headlines.</summary>
    private static PublishedRun Complete(PublishedRun run, EvidenceSource source)
    {
        var isComplete = run.MicroBatch is not null && (run.Pp is null or 1 || run.Vp is not null) && run.Measured.StepSeconds is not null;
        return run with
        {
            Source = source.Name,
            Citation = source.Citation,
            Model = source.Models.First(m => m.Name == run.Model.Name),
            IsComplete = isComplete,
            IsRecommended = isComplete,
        };
    }
}
