using System.Globalization;
using System.Text.RegularExpressions;
using Altiplano.Cli;

namespace Altiplano.Tests.Cli.Plans;

public sealed class PowerTableTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Plan_PowerOfTheWinner_IsShownByPartAndAddsUp()
    {
        new CommandLine(_output, _error)
            .Run("plan", "--model", "llama3-8b", "--cluster", "h100-1024", "--gpus", "64", "--tokens", "1T", "--global-batch-tokens", "4Mi")
            .ShouldBe(ExitCodes.Done);

        string[] parts = ["gpu", "host", "fans", "network", "storage", "management"];
        parts.Sum(WattsPerGpu).ShouldBe(WattsPerGpu("IT"), 4);
        (WattsPerGpu("IT") + WattsPerGpu("distribution") + WattsPerGpu("cooling")).ShouldBe(WattsPerGpu("facility"), 2);
        _output.ToString().ShouldContain("When all ranks stop together it falls by");
        _output.ToString().ShouldContain("To even it out (assumed prices)");
    }

    private double WattsPerGpu(string part) =>
        double.Parse(Regex.Match(_output.ToString(), $@"^  {part}\s+(\d+) ", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
}
