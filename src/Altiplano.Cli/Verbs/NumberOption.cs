using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Altiplano.Cli.Verbs;

/// <summary>Options whose numbers have a range, told before anything starts.</summary>
internal static class NumberOption
{
    /// <summary>Refuses whole numbers below <paramref name="least"/>.</summary>
    /// <param name="meaning">What the number is, as it follows "but it": <c>counts tokens</c>.</param>
    public static Option<T> AtLeast<T>(this Option<T> option, int least, string meaning)
    {
        option.Validators.Add(given =>
        {
            // What is no number at all is refused by the parser itself.
            var isNumber = long.TryParse(given.Tokens is [var token] ? token.Value : "", CultureInfo.InvariantCulture, out var value);
            if (isNumber && value < least)
                given.AddError($"{option.Name} is {value}, but it {meaning}. Use {least} or more.");
        });
        return option;
    }

    /// <summary>Refuses what is no share below 1.</summary>
    /// <param name="meaning">As in <see cref="AtLeast{T}"/>.</param>
    public static Option<double> Share(this Option<double> option, string meaning)
    {
        option.Validators.Add(given =>
        {
            var isNumber = double.TryParse(given.Tokens is [var token] ? token.Value : "", CultureInfo.InvariantCulture, out var value);
            if (isNumber && value is not (>= 0 and < 1))
                given.AddError($"{option.Name} is {value}, but it {meaning}. Use a number from 0 up to, but not, 1.");
        });
        return option;
    }
}
