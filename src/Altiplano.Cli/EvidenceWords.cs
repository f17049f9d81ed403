using Altiplano.Cli.Configuration;

namespace Altiplano.Cli;

/// <summary>The words for what a figure rests on: in files and JSON, and for people.</summary>
internal static class EvidenceWords
{
    private static readonly (string Word, Evidence Value)[] Words =
    [
        ("measured", Evidence.Measured), ("interpolated", Evidence.Interpolated), ("data_sheet", Evidence.DataSheet),
        ("assumed", Evidence.Assumed),
    ];

    public static ScalarFormat<Evidence> Format { get; } = YamlFormats.OneOf(Words);

    /// <summary>As files and JSON spell it: <c>data_sheet</c>.</summary>
    public static string Key(Evidence evidence) => Words.First(w => w.Value == evidence).Word;

    /// <summary>As people read it: <c>data sheet</c>.</summary>
    public static string Show(Evidence evidence) => Key(evidence).Replace('_', ' ');
}
