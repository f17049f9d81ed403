using System.CommandLine;
using Altiplano.Training.Generation;

namespace Altiplano.Cli.Verbs;

/// <summary>How tokens are drawn, as every verb that writes text takes it.</summary>
internal sealed class SamplingArguments
{
    private static readonly SamplingOptions Defaults = new();

    private readonly Option<double> _temperature = new("--temperature")
    {
        Description = "Divides the logits; 0 takes the likeliest token.", DefaultValueFactory = _ => Defaults.Temperature,
    };

    private readonly Option<int> _topK = new("--top-k")
    {
        Description = "Candidates, the likeliest first; 0 for all.", DefaultValueFactory = _ => Defaults.TopK,
    };

    private readonly Option<double> _topP = new("--top-p")
    {
        Description = "Candidates that together reach this probability; 1 for all.", DefaultValueFactory = _ => Defaults.TopP,
    };

    private readonly Option<long> _seed = new("--seed")
    {
        Description = "The same seed gives the same text.", DefaultValueFactory = _ => Defaults.Seed,
    };

    public static Option<int> MaxTokens(string description, int preset) =>
        new Option<int>("--max-tokens", "-n") { Description = description, DefaultValueFactory = _ => preset }
            .AtLeast(0, "counts tokens");

    public void AddTo(Command command)
    {
        command.Add(_temperature);
        command.Add(_topK);
        command.Add(_topP);
        command.Add(_seed);
    }

    /// <exception cref="ConfigException">A value is out of its range.</exception>
    public SamplingOptions Read(ParseResult arguments)
    {
        var options = new SamplingOptions
        {
            Temperature = arguments.GetValue(_temperature), TopK = arguments.GetValue(_topK),
            TopP = arguments.GetValue(_topP), Seed = arguments.GetValue(_seed),
        };
        ConfigException.ThrowIfAny(options.FindProblems("--"));
        return options;
    }
}
