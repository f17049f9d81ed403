using System.Text.Json.Nodes;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class HuggingFaceTokenizerJsonTests : IDisposable
{
    private readonly TokenizerJsonFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_TrainedTokenizer_IsReadBackAsTheSame()
    {
        _folder.Written();

        var read = Tokenizer.Load(_folder.File);

        read.Hash.ShouldBe(SharedTokenizers.Small.Hash);
        (read.BosId, read.EosId).ShouldBe((398, 399));
        Directory.GetFiles(_folder.Root).ShouldBe([_folder.File]);
    }

    [Fact]
    public void Write_Layout_IsThatOfLlama3()
    {
        var json = _folder.Written();

        json.Select(property => property.Key).ShouldBe(
            ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"]);
        TokenizerJsonFolder.PreTokenizers(json).Select(step => step!["type"]!.GetValue<string>()).ShouldBe(["Split", "ByteLevel"]);
        TokenizerJsonFolder.PreTokenizers(json)[0]!["pattern"]!["Regex"]!.GetValue<string>().ShouldBe(RankFiles.Llama3Pattern);
        json["post_processor"]!["processors"]![1]!["single"]![0]!["SpecialToken"]!["id"]!.GetValue<string>().ShouldBe("<|begin_of_text|>");
        json["model"]!["ignore_merges"]!.GetValue<bool>().ShouldBeTrue();
        json["model"]!["vocab"]!.AsObject().Count.ShouldBe(398);
        json["model"]!["merges"]!.AsArray().Count.ShouldBe(142);
    }

    [Fact]
    public void Load_MergesAsPairs_IsTheSameTokenizer() => _folder.LoadChanged(json =>
    {
        var merges = json["model"]!["merges"]!.AsArray().Select(merge => merge!.GetValue<string>().Split(' ')).ToList();
        json["model"]!["merges"] = new JsonArray([.. merges.Select(merge => new JsonArray(merge[0], merge[1]))]);
    }).Hash.ShouldBe(SharedTokenizers.Small.Hash);

    [Fact]
    public void Load_TokenThatMergesDoNotReach_IsFoundOnlyWithIgnoreMerges()
    {
        // " token" keeps its id, and the merge that makes it is gone.
        void WithoutLastMergeTo(JsonObject json, string token, bool ignoreMerges)
        {
            var merges = json["model"]!["merges"]!.AsArray();
            for (var i = merges.Count - 1; i >= 0; i--)
            {
                if (merges[i]!.GetValue<string>().Replace(" ", "", StringComparison.Ordinal) == token)
                    merges.RemoveAt(i);
            }
            json["model"]!["ignore_merges"] = ignoreMerges;
        }

        var id = SharedTokenizers.Small.EncodeWithSpecials(" token").ShouldHaveSingleItem();
        _folder.LoadChanged(json => WithoutLastMergeTo(json, "Ġtoken", ignoreMerges: true)).EncodeWithSpecials(" token").ShouldBe([id]);
        _folder.LoadChanged(json => WithoutLastMergeTo(json, "Ġtoken", ignoreMerges: false)).EncodeWithSpecials(" token").ShouldNotContain(id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_Gpt2Splitting_IsThatOfItsPattern(bool isSplit)
    {
        const string pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
        var tokenizer = _folder.LoadChanged(json =>
        {
            json["model"]!["ignore_merges"] = false;
            if (isSplit)
                TokenizerJsonFolder.PreTokenizers(json)[0]!["pattern"]!["Regex"] = pattern;
            else
                json["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true };
        });
        var gguf = GgufTokenizer.Of(tokenizer, tokenizer.VocabSize);
        var reference = new ReferenceTokenizer(
            pattern, [.. Enumerable.Range(0, 398).Select(id => tokenizer.Bytes(id).ToArray())], ignoreMerges: false,
            [.. gguf.Merges.Select(merge => (Latin(merge.Split(' ')[0]), Latin(merge.Split(' ')[1])))]);

        gguf.Pre.ShouldBe("gpt-2");
        foreach (var text in RandomText.Many(seed: 9, count: 300).Select(text => text.Replace('ſ', 'x')))
            tokenizer.EncodeWithSpecials(text).ShouldBe(reference.Encode(text), text);

        string Latin(string key) => ReferenceTokenizer.Latin(tokenizer.Bytes(gguf.Tokens.ToList().IndexOf(key)).ToArray());
    }

    [Fact]
    public void Load_AddedTokensThatOverlap_TakesTheFirstThenTheLongest()
    {
        var tokenizer = _folder.LoadChanged(json => json["added_tokens"]!.AsArray().Add(
            new JsonObject { ["id"] = 400, ["content"] = "<|end_of_text|>s", ["special"] = false }));

        tokenizer.EncodeWithSpecials("<|end_of_text|>s<|end_of_text|>").ShouldBe([400, 399]);
        tokenizer.Decode([400]).ShouldBe("<|end_of_text|>s");
        GgufTokenizer.Of(tokenizer, tokenizer.VocabSize).TokenTypes[400].ShouldBe(4);
    }

    [Fact]
    public void WriteConfig_BosEosAndTemplate_AreReadBack()
    {
        _folder.Written();
        HuggingFaceTokenizerJson.WriteConfig(SharedTokenizers.Small, _folder["tokenizer_config.json"], 512, "{{ x }}");

        var config = JsonNode.Parse(File.ReadAllText(_folder["tokenizer_config.json"]))!;
        config["model_max_length"]!.GetValue<int>().ShouldBe(512);
        config["chat_template"]!.GetValue<string>().ShouldBe("{{ x }}");
        config["bos_token"] = null;
        config["eos_token"] = new JsonObject { ["content"] = "<|begin_of_text|>" };
        _folder.Write("tokenizer_config.json", config.ToJsonString());
        var tokenizer = Tokenizer.Load(_folder.Root);
        (tokenizer.BosId, tokenizer.EosId).ShouldBe((398, 398));
        tokenizer.StopIds.ShouldBe([398, 399]);
        tokenizer.Hash.ShouldBe(SharedTokenizers.Small.Hash);
    }
}
