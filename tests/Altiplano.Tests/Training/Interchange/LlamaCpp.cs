using System.Diagnostics;
using System.Text.Json;

namespace Altiplano.Tests.Training.Interchange;

/// <summary>llama.cpp as an independent reader of GGUF files: its prebuilt form in npm's node-llama-cpp.</summary>
/// <remarks>
/// ALTIPLANO_NODE_MODULES names a <c>node_modules</c> folder made by
/// <c>npm install --ignore-scripts --omit=optional node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1</c>.
/// </remarks>
internal static class LlamaCpp
{
    private const string ModulesVariable = "ALTIPLANO_NODE_MODULES";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Greedy continuation of a prompt, and the logit of each word after the prompt's last token.</summary>
    public sealed record Output(int[] Tokens, float[] Logits);

    /// <summary>Runs a model; skips the calling test, visibly, where the package or node is not there.</summary>
    public static Output Continue(string ggufPath, IReadOnlyList<int> tokens, int count)
    {
        var modules = Environment.GetEnvironmentVariable(ModulesVariable);
        if (string.IsNullOrEmpty(modules))
            Assert.Skip($"{ModulesVariable} is not set; the test needs node-llama-cpp there");
        if (!Directory.Exists(Path.Combine(modules, "node-llama-cpp")))
            Assert.Skip($"{modules} has no node-llama-cpp");
        var driver = Path.Combine(AppContext.BaseDirectory, "Training", "Interchange", "llama-cpp.mjs");
        return Run([driver, modules, ggufPath, string.Join(',', tokens), $"{count}"]);
    }

    private static Output Run(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync();
        var output = node.StandardOutput.ReadToEndAsync();
        if (!node.WaitForExit(Patience))
            node.Kill(entireProcessTree: true);
        node.ExitCode.ShouldBe(0, errors.Result);
        using var json = JsonDocument.Parse(output.Result);
        return new Output(
            [.. json.RootElement.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32())],
            [.. json.RootElement.GetProperty("logits").EnumerateArray().Select(l => l.GetSingle())]);
    }
}
