using System.CommandLine;
using System.CommandLine.Parsing;
using Altiplano.Cli.Configuration;

namespace Altiplano.Cli.Verbs;

/// <summary>What is wrong with the arguments themselves, in the program's own words.</summary>
internal static class ArgumentProblems
{
    /// <summary>One line a problem, then where to read on.</summary>
    public static void Write(ParseResult arguments, TextWriter error)
    {
        var unknown = UnknownOptions(arguments).ToArray();
        foreach (var message in unknown.Length > 0 ? unknown : arguments.Errors.Select(problem => Explain(problem, arguments)).Distinct())
            error.WriteLine($"error: {message}");
        error.WriteLine($"{Path(arguments.CommandResult)} --help lists what may be given.");
    }

    /// <summary>Misspelt options, which would else be taken for arguments.</summary>
    private static IEnumerable<string> UnknownOptions(ParseResult arguments)
    {
        var command = arguments.CommandResult;
        var names = command.Command.Options.Select(option => option.Name).ToArray();
        return from token in command.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value)
                   .Concat(arguments.UnmatchedTokens)
               where token.StartsWith("--", StringComparison.Ordinal)
               select $"{token} is no option of {command.Command.Name}. {NearestName.Hint(token, "options", names)}";
    }

    private static string Explain(ParseError problem, ParseResult arguments)
    {
        if (problem.SymbolResult is OptionResult { Option: var option, Tokens: [var value] } && IsOfWrongKind(problem))
            return $"{option.Name} is \"{value.Value}\", but it must be {Kind(option.ValueType)}.";
        var unknown = arguments.UnmatchedTokens.FirstOrDefault(token => problem.Message.Contains($"'{token}'", StringComparison.Ordinal));
        var command = arguments.CommandResult.Command;
        var names = command.Options.Select(o => o.Name).Concat(command.Subcommands.Select(c => c.Name)).ToArray();
        return unknown is not null && NearestName.Of(unknown, names) is { } nearest ? $"{problem.Message} Did you mean {nearest}?" : problem.Message;
    }

    private static bool IsOfWrongKind(ParseError problem) => problem.Message.Contains("as expected type", StringComparison.Ordinal);

    private static string Kind(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(double) ? "a number" : plain == typeof(bool) ? "true or false" : "a whole number";
    }

    private static string Path(CommandResult command) => command.Parent is CommandResult parent
        ? $"{Path(parent)} {command.Command.Name}"
        : "altiplano";
}
