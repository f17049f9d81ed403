using Altiplano.Cli;

namespace Altiplano.Tests.Cli.Launch;

/// <summary>A run file in a folder of its own, and what launch makes of it.</summary>
internal sealed class LaunchRun : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <param name="mesh">The world, as {dp_shard: 4}.</param>
    public LaunchRun(string mesh = "{dp_shard: 2, tp: 2}", string more = "") => File = _folder.Write("run.yaml", $$"""
        model: tiny-15m
        data: {train: tokens}
        batch: {global_batch_tokens: 32Ki, seq_len: 512}
        mesh: {{mesh}}
        run: {steps: 80, out: out/First Run}
        {{more}}
        """);

    public string File { get; }

    public string Folder => _folder.Root;

    /// <summary>What launch prints.</summary>
    public string Write(params string[] options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        new CommandLine(output, error).Run(["launch", File, .. options]).ShouldBe(ExitCodes.Done, error.ToString());
        return output.ToString();
    }

    /// <summary>What launch says when it refuses, without the word before each problem.</summary>
    public IReadOnlyList<string> Refuse(params string[] options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        new CommandLine(output, error).Run(["launch", File, .. options]).ShouldBe(ExitCodes.Usage, output.ToString());
        output.ToString().ShouldBeEmpty();
        return [.. error.ToString().Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).Select(line => line["error: ".Length..])];
    }

    public void Dispose() => _folder.Dispose();
}
