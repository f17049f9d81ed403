using System.Text.Json;
using Altiplano.Cli;

namespace Altiplano.Tests.Cli.Plans;

/// <summary>Run files that ship, against what their makers say of the whole run.</summary>
public sealed class PublishedRunFileTests
{
    /// <summary>Model card of Llama 3.1; nothing was fitted to it.</summary>
    private const double PublishedGpuHours = 30.84e6;

    [Fact]
    public void Plan_Llama405B_TakesTheGpuHoursOfItsModelCard()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var file = Path.Combine(AppContext.BaseDirectory, "presets", "runs", "llama3.1-405b.yaml");

        new CommandLine(output, error).Run("plan", file, "--gpus", "16384", "--replan-phases", "--json").ShouldBe(ExitCodes.Done, error.ToString());

        using var plan = JsonDocument.Parse(output.ToString());
        var phases = plan.RootElement.GetProperty("phases").EnumerateArray().ToArray();
        phases.Select(p => p.GetProperty("seq_len").GetInt32()).ShouldBe([4096, 8192, 8192, 131072]);
        var hours = phases.Sum(p => p.GetProperty("figures").GetProperty("gpu_hours").GetProperty("value").GetDouble());
        hours.ShouldBe(plan.RootElement.GetProperty("total").GetProperty("gpu_hours").GetDouble(), 1);
        hours.ShouldBe(PublishedGpuHours, 0.12 * PublishedGpuHours);
    }
}
