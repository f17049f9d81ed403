using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Altiplano.Cli;

/// <summary>The parser of arguments names types of .NET; these are our words for them.</summary>
internal static partial class ParserWords
{
    /// <returns>Every error where one of them names a type; nothing where the parser's own words will do.</returns>
    public static IReadOnlyList<string> Translate(IReadOnlyList<ParseError> errors) =>
        errors.Any(error => OfType().IsMatch(error.Message)) ? [.. errors.Select(error => OfType().Replace(error.Message, InOurWords))] : [];

    private static string InOurWords(Match error)
    {
        var type = error.Groups["type"].Value;
        var kind = type.Contains("Int32", StringComparison.Ordinal) ? $"a whole number up to {int.MaxValue}"
            : type.Contains("Int64", StringComparison.Ordinal) ? $"a whole number up to {long.MaxValue}"
            : type.Contains("Double", StringComparison.Ordinal) ? "a number" : "another kind of value";
        return $"{error.Groups["option"].Value} is \"{error.Groups["value"].Value}\", but it must be {kind}.";
    }

    [GeneratedRegex("Cannot parse argument '(?<value>.*)' for (?:option|command) '(?<option>.*)' as expected type '(?<type>.*)'\\.")]
    private static partial Regex OfType();
}
