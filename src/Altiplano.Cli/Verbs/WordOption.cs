using System.CommandLine;
using Altiplano.Cli.Configuration;

namespace Altiplano.Cli.Verbs;

/// <summary>Options whose values are a few words.</summary>
internal static class WordOption
{
    /// <summary>Refuses all other words.</summary>
    public static Option<string?> Among(this Option<string?> option, params string[] words)
    {
        option.HelpName = string.Join('|', words);
        option.CompletionSources.Add(_ => words.Select(word => new System.CommandLine.Completions.CompletionItem(word)));
        option.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && !words.Contains(token.Value))
                given.AddError($"{option.Name} is \"{token.Value}\", but it is one of {string.Join(", ", words)}. {Hint(token.Value, words)}");
        });
        return option;
    }

    private static string Hint(string word, string[] words) =>
        NearestName.Of(word, words) is { } nearest ? $"Did you mean {nearest}?" : $"Use {words[0]}.";
}
