using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Altiplano.Tests.Data.Tokenizers;

/// <summary>Tokenizers of others, from npm packages in the node_modules folder that ALTIPLANO_NODE_MODULES names.</summary>
internal static class NodePackages
{
    /// <summary>The node_modules folder; skips the calling test, visibly, where it does not have the package.</summary>
    public static string Require(string package)
    {
        var modules = Environment.GetEnvironmentVariable("ALTIPLANO_NODE_MODULES");
        if (string.IsNullOrEmpty(modules))
            Assert.Skip($"ALTIPLANO_NODE_MODULES does not name a node_modules folder; the test needs {package} in it");
        if (!Directory.Exists(Path.Combine(modules, package)))
            Assert.Skip($"{modules} has no {package}");
        return modules;
    }

    /// <summary>Runs a script that lies beside this file, with JSON in and out.</summary>
    public static JsonNode Run(string script, IEnumerable<string> arguments, JsonNode input, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, script);
        using var node = Process.Start(new ProcessStartInfo("node", [path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        // Characters outside ASCII are escaped, so the encoding of the pipe does not matter.
        node.StandardInput.Write(input.ToJsonString());
        node.StandardInput.Close();
        var output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        node.ExitCode.ShouldBe(0);
        return JsonNode.Parse(output)!;
    }

    public static JsonArray Strings(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    public static IEnumerable<int> Ids(JsonNode? ids) => ids!.AsArray().Select(id => id!.GetValue<int>());
}
