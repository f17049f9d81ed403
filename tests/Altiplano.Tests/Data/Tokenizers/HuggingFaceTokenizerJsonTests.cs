using System.Text.Json.Nodes;
using Altiplano.Data;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class HuggingFaceTokenizerJsonTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private JsonObject Written()
    {
        HuggingFaceTokenizerJson.Write(SharedTokenizers.Small, _folder["tokenizer.json"]);
        return JsonNode.Parse(File.ReadAllText(_folder["tokenizer.json"]))!.AsObject();
    }

    private Tokenizer LoadChanged(Action<JsonObject> change)
    {
        var json = Written();
        change(json);
        _folder.Write("tokenizer.json", json.ToJsonString());
        return Tokenizer.Load(_folder.Root);
    }

    private void ShouldFail(Action<JsonObject> change, string message) =>
        Should.Throw<DataFormatException>(() => LoadChanged(change)).Message.ShouldBe($"{_folder["tokenizer.json"]}: {message}");

    private static JsonArray Steps(JsonObject json) => json["pre_tokenizer"]!["pretokenizers"]!.AsArray();

    [Fact]
    public void Write_TrainedTokenizer_IsReadBackAsTheSame()
    {
        Written();

        var read = Tokenizer.Load(_folder["tokenizer.json"]);

        read.Hash.ShouldBe(SharedTokenizers.Small.Hash);
        (read.BosId, read.EosId).ShouldBe((398, 399));
        Directory.GetFiles(_folder.Root).ShouldBe([_folder["tokenizer.json"]]);
    }

    [Fact]
    public void Write_Layout_IsThatOfLlama3()
    {
        var json = Written();

        json.Select(property => property.Key).ShouldBe(
            ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"]);
        Steps(json).Select(step => step!["type"]!.GetValue<string>()).ShouldBe(["Split", "ByteLevel"]);
        Steps(json)[0]!["pattern"]!["Regex"]!.GetValue<string>().ShouldBe(RankFiles.Llama3Pattern);
        json["post_processor"]!["processors"]![1]!["single"]![0]!["SpecialToken"]!["id"]!.GetValue<string>().ShouldBe("<|begin_of_text|>");
        json["model"]!["ignore_merges"]!.GetValue<bool>().ShouldBeTrue();
        json["model"]!["vocab"]!.AsObject().Count.ShouldBe(398);
        json["model"]!["merges"]!.AsArray().Count.ShouldBe(142);
    }

    [Fact]
    public void Load_MergesAsPairs_IsTheSameTokenizer() => LoadChanged(json =>
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
        LoadChanged(json => WithoutLastMergeTo(json, "Ġtoken", ignoreMerges: true)).EncodeWithSpecials(" token").ShouldBe([id]);
        LoadChanged(json => WithoutLastMergeTo(json, "Ġtoken", ignoreMerges: false)).EncodeWithSpecials(" token").ShouldNotContain(id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_Gpt2Splitting_IsThatOfItsPattern(bool isSplit)
    {
        const string pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
        var tokenizer = LoadChanged(json =>
        {
            json["model"]!["ignore_merges"] = false;
            if (isSplit)
                Steps(json)[0]!["pattern"]!["Regex"] = pattern;
            else
                json["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true };
        });
        var gguf = GgufVocabulary.Of(tokenizer);
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
        var tokenizer = LoadChanged(json => json["added_tokens"]!.AsArray().Add(
            new JsonObject { ["id"] = 400, ["content"] = "<|end_of_text|>s", ["special"] = false }));

        tokenizer.EncodeWithSpecials("<|end_of_text|>s<|end_of_text|>").ShouldBe([400, 399]);
        tokenizer.Decode([400]).ShouldBe("<|end_of_text|>s");
        GgufVocabulary.Of(tokenizer).TokenTypes[400].ShouldBe(4);
    }

    [Fact]
    public void WriteConfig_BosEosAndTemplate_AreReadBack()
    {
        Written();
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

    [Fact]
    public void Load_ConfigThatNamesAnUnknownToken_SaysWhich()
    {
        _folder.Write("tokenizer_config.json", """{"eos_token": "</s>"}""");

        Should.Throw<DataFormatException>(() => LoadChanged(_ => { })).Message.ShouldBe(
            $"{_folder["tokenizer_config.json"]}: eos_token is \"</s>\", which is not among the added_tokens of {_folder["tokenizer.json"]}.");
    }

    [Theory]
    [InlineData("", "not JSON at line 1: ")]
    [InlineData("{\"model\": {", "not JSON at line 1: ")]
    [InlineData("[]", "the root is not a JSON object; a tokenizer file is one.")]
    [InlineData("{}", "there is no \"model\"; is this a tokenizer.json?")]
    [InlineData("""{"model": {"type": "Unigram"}}""", "model.type is \"Unigram\"; only byte-level BPE (\"BPE\") is supported.")]
    [InlineData("""{"model": {"type": "BPE", "vocab": []}, "pre_tokenizer": {"type": "ByteLevel", "use_regex": true}}""", "a part of the file has another shape than a byte-level BPE tokenizer.json: ")]
    [InlineData("""{"model": {"type": "BPE"}, "pre_tokenizer": {"type": "Metaspace"}}""", "pre_tokenizer is [Metaspace]; byte-level BPE has [Split, ByteLevel] or [ByteLevel].")]
    [InlineData("""{"model": {"type": "BPE"}}""", "pre_tokenizer is []; byte-level BPE has [Split, ByteLevel] or [ByteLevel].")]
    public void Load_FileOfAnotherKind_SaysWhatItIs(string content, string message)
    {
        var path = _folder.Write("tokenizer.json", content);

        Should.Throw<DataFormatException>(() => Tokenizer.Load(path)).Message.ShouldStartWith($"{path}: {message}");
    }

    [Fact]
    public void Load_SentencePieceVocabulary_IsRefused() => ShouldFail(
        json => json["model"]!["byte_fallback"] = true,
        "model.byte_fallback is true, so this is a SentencePiece vocabulary; only byte-level BPE is supported.");

    [Fact]
    public void Load_TokenThatIsNotByteLevel_IsRefused() => ShouldFail(
        json => json["model"]!["vocab"]!["▁the"] = 400,
        "token \"▁the\" (id 400) has a character that stands for no byte in GPT-2's map, so this is not byte-level BPE.");

    [Fact]
    public void Load_UnknownPattern_NamesThoseThatAreKnown() => ShouldFail(
        json => Steps(json)[0]!["pattern"]!["Regex"] = @"\w+",
        @"the split pattern ""\w+"" is not one of those that are supported, which are the patterns of Llama 3, Llama 4, GPT-2.");

    [Fact]
    public void Load_SplitOfAnotherBehaviour_IsRefused() => ShouldFail(
        json => Steps(json)[0]!["behavior"] = "Contiguous",
        "pre_tokenizer Split has behavior \"Contiguous\" and invert false; supported is \"Isolated\", false.");

    [Fact]
    public void Load_TextSplitTwice_IsRefused() => ShouldFail(
        json => Steps(json)[1]!["use_regex"] = true,
        "pre_tokenizer [Split, ByteLevel] with ByteLevel.use_regex true splits text twice or not at all, which is not supported.");

    [Fact]
    public void Load_PrefixSpace_IsRefused() => ShouldFail(
        json => Steps(json)[1]!["add_prefix_space"] = true,
        "pre_tokenizer ByteLevel has add_prefix_space true, which is not supported.");

    [Fact]
    public void Load_Normalizer_IsRefused() => ShouldFail(
        json => json["normalizer"] = new JsonObject { ["type"] = "NFC" },
        "normalizer \"NFC\" is not supported; Llama's tokenizers have none (null).");

    [Fact]
    public void Load_Dropout_IsRefused() => ShouldFail(
        json => json["model"]!["dropout"] = 0.1, "model.dropout is 0.1; byte-level BPE of Llama's kind has none (null).");

    [Fact]
    public void Load_AddedTokenThatStrips_IsRefused() => ShouldFail(
        json => json["added_tokens"]![0]!["lstrip"] = true,
        "added token \"<|begin_of_text|>\" has lstrip true, which is not supported.");

    [Fact]
    public void Load_AddedTokenTwice_IsRefused() => ShouldFail(
        json => json["added_tokens"]![1]!["content"] = "<|begin_of_text|>", "added token \"<|begin_of_text|>\" is empty or there twice.");

    [Fact]
    public void Load_IdGivenTwice_IsRefused() => ShouldFail(
        json => json["model"]!["vocab"]!["Āz"] = 0, "model.vocab gives \"Āz\" the id 0, which another token has too.");

    [Fact]
    public void Load_IdsWithAGap_IsRefused() => ShouldFail(
        json => json["model"]!["vocab"]!["Āz"] = 2_000_000_000,
        "no token has the id 400, the next is 2000000000; ids run from 0 without a gap.");

    [Fact]
    public void Load_ByteWithoutAToken_IsRefused() => ShouldFail(
        json =>
        {
            json["model"]!["vocab"]!.AsObject().Remove("Ā");
            json["model"]!["vocab"]!["Āz"] = 188;
        },
        "no token for the byte 0x00; a byte-level vocabulary has one for each of the 256.");

    [Fact]
    public void Load_MergeOfUnknownTokens_IsRefused() => ShouldFail(
        json => json["model"]!["merges"]!.AsArray().Insert(0, "Ā Ā"),
        "model.merges[0] joins \"Ā\" and \"Ā\"; these and \"ĀĀ\" must be in model.vocab and not special.");

    [Fact]
    public void Load_MergeOfThree_IsRefused() => ShouldFail(
        json => json["model"]!["merges"]!.AsArray().Insert(0, "a b c"),
        "model.merges[0] is a b c; a merge is \"left right\" or [\"left\", \"right\"].");
}
