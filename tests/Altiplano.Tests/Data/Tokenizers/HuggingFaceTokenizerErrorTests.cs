using System.Text.Json.Nodes;
using Altiplano.Data;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class HuggingFaceTokenizerErrorTests : IDisposable
{
    private readonly TokenizerJsonFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void ShouldFail(Action<JsonObject> change, string message) =>
        Should.Throw<DataFormatException>(() => _folder.LoadChanged(change)).Message.ShouldBe($"{_folder.File}: {message}");

    [Fact]
    public void Load_ConfigThatNamesAnUnknownToken_SaysWhich()
    {
        _folder.Write("tokenizer_config.json", """{"eos_token": "</s>"}""");

        Should.Throw<DataFormatException>(() => _folder.LoadChanged(_ => { })).Message.ShouldBe(
            $"{_folder["tokenizer_config.json"]}: eos_token is \"</s>\", which is not among the added_tokens of {_folder.File}.");
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
        json => TokenizerJsonFolder.PreTokenizers(json)[0]!["pattern"]!["Regex"] = @"\w+",
        @"the split pattern ""\w+"" is not one of those that are supported, which are the patterns of Llama 3, Llama 4, GPT-2.");

    [Fact]
    public void Load_SplitOfAnotherBehaviour_IsRefused() => ShouldFail(
        json => TokenizerJsonFolder.PreTokenizers(json)[0]!["behavior"] = "Contiguous",
        "pre_tokenizer Split has behavior \"Contiguous\" and invert false; supported is \"Isolated\", false.");

    [Fact]
    public void Load_TextSplitTwice_IsRefused() => ShouldFail(
        json => TokenizerJsonFolder.PreTokenizers(json)[1]!["use_regex"] = true,
        "pre_tokenizer [Split, ByteLevel] with ByteLevel.use_regex true splits text twice or not at all, which is not supported.");

    [Fact]
    public void Load_PrefixSpace_IsRefused() => ShouldFail(
        json => TokenizerJsonFolder.PreTokenizers(json)[1]!["add_prefix_space"] = true,
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
