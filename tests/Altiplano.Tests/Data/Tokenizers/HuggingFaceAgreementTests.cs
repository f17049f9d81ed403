using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

/// <summary>The npm package @huggingface/tokenizers, an independent loader of tokenizer.json, gives the ids that we give.</summary>
public sealed class HuggingFaceAgreementTests
{
    [Theory]
    [InlineData("trained")]
    [InlineData("llama3")]
    [InlineData("llama4")]
    public void TokenizerJson_ReadByHuggingFacesPackage_GivesOurIds(string name)
    {
        var modules = RequirePackage();
        using var folder = new TempFolder();
        var tokenizer = name == "trained" ? SharedTokenizers.Small : SharedTokenizers.Of(name);
        HuggingFaceTokenizerJson.Write(tokenizer, folder["tokenizer.json"]);
        var special = tokenizer.Specials.Keys.Order(StringComparer.Ordinal).First();
        // The package folds only a to z where (?i:) folds ſ to s: the one known difference, left out here.
        List<string> texts =
            [.. RandomText.Many(seed: 11, count: 200).Select(text => text.Replace('ſ', 's')), $"a{special} b\n{special}{special}c<|"];

        var theirs = Encode(modules, folder["tokenizer.json"], texts);

        for (var i = 0; i < texts.Count; i++)
        {
            var ours = tokenizer.EncodeWithSpecials(texts[i]);
            theirs["ids"]![i]!.AsArray().Select(id => id!.GetValue<int>()).ShouldBe(ours, texts[i]);
            theirs["withBos"]![i]!.AsArray().Select(id => id!.GetValue<int>()).ShouldBe([tokenizer.BosId!.Value, .. ours]);
        }
    }

    private static string RequirePackage()
    {
        var modules = Environment.GetEnvironmentVariable("ALTIPLANO_NODE_MODULES");
        if (string.IsNullOrEmpty(modules))
            Assert.Skip("ALTIPLANO_NODE_MODULES does not name a node_modules folder; the test needs @huggingface/tokenizers in it");
        if (!Directory.Exists(Path.Combine(modules, "@huggingface", "tokenizers")))
            Assert.Skip($"{modules} has no @huggingface/tokenizers");
        return modules;
    }

    private static JsonNode Encode(string modules, string tokenizerJson, List<string> texts, [CallerFilePath] string thisFile = "")
    {
        var driver = Path.Combine(Path.GetDirectoryName(thisFile)!, "encode.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [driver, modules, tokenizerJson])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        // Characters outside ASCII are escaped, so no encoding of the pipe matters.
        node.StandardInput.Write(new JsonArray([.. texts.Select(text => JsonValue.Create(text))]).ToJsonString());
        node.StandardInput.Close();
        var output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        node.ExitCode.ShouldBe(0);
        return JsonNode.Parse(output)!;
    }
}
