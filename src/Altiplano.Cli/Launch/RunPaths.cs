using Altiplano.Training.Loop;

namespace Altiplano.Cli.Launch;

/// <summary>Everything of a run that every node must see, by key of the run file.</summary>
internal static class RunPaths
{
    public static IReadOnlyList<(string Key, string Path)> Of(RunConfig config) =>
    [
        ("run.out", config.Run.Out),
        .. config.Data.Train.Select((source, i) => ($"data.train[{i}]", source.Path)),
        .. config.Data.Val.Select(source => ($"data.val.{source.Name}", source.Path)),
        .. Optional("data.tokenizer", config.Data.Tokenizer),
        .. Optional("model.weights", config.Spec.Model.Weights),
    ];

    private static IEnumerable<(string Key, string Path)> Optional(string key, string? path) => path is null ? [] : [(key, path)];
}
