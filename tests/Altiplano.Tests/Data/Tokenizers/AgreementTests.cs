using System.Text.Json.Nodes;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

/// <summary>Programs of others give the ids that we give.</summary>
public sealed class AgreementTests
{
    [Theory]
    [InlineData("trained")]
    [InlineData("llama3")]
    [InlineData("llama4")]
    public void TokenizerJson_ReadByHuggingFacesPackage_GivesOurIds(string name)
    {
        var modules = NodePackages.Require("@huggingface/tokenizers");
        using var folder = new TempFolder();
        var tokenizer = name == "trained" ? SharedTokenizers.Small : SharedTokenizers.Of(name);
        HuggingFaceTokenizerJson.Write(tokenizer, folder["tokenizer.json"]);
        var special = tokenizer.Specials.Keys.Order(StringComparer.Ordinal).First();
        // Version 0.2.0 of the package folds only ASCII letters in (?i:); tiktoken, and we, take 'ſ for 's too.
        List<string> texts =
            [.. RandomText.Many(seed: 11, count: 200).Select(text => text.Replace('ſ', 's')), $"a{special} b\n{special}{special}c<|"];

        var theirs = NodePackages.Run("encode-huggingface.mjs", [modules, folder["tokenizer.json"]], NodePackages.Strings(texts));

        for (var i = 0; i < texts.Count; i++)
        {
            var ours = tokenizer.EncodeWithSpecials(texts[i]);
            NodePackages.Ids(theirs["ids"]![i]).ShouldBe(ours, texts[i]);
            NodePackages.Ids(theirs["withBos"]![i]).ShouldBe([tokenizer.BosId!.Value, .. ours], texts[i]);
        }
    }

    [Theory]
    [InlineData("llama3")]
    [InlineData("llama4")]
    public void RankFile_ReadByTiktoken_GivesOurIds(string name)
    {
        var modules = NodePackages.Require("tiktoken");
        var tokenizer = SharedTokenizers.Of(name);
        // Token 101673 is one that merges do not reach: only where 'ſ is cut off like 's is it found.
        List<string> texts = [.. RandomText.Many(seed: 12, count: 200), "'ſektedir", "a'ſb", "A'ſB"];

        var theirs = NodePackages.Run(
            "encode-tiktoken.mjs", [modules, RankFiles.Path(name)],
            new JsonObject { ["pattern"] = RankFiles.Pattern(name), ["texts"] = NodePackages.Strings(texts) });

        for (var i = 0; i < texts.Count; i++)
        {
            var ours = new List<int>();
            tokenizer.Encode(texts[i], ours);
            NodePackages.Ids(theirs[i]).ShouldBe(ours, texts[i]);
        }
    }
}
