using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class GgufVocabularyTests
{
    [Fact]
    public void Of_TrainedTokenizer_IsWhatLlamaCppReads()
    {
        var gguf = GgufVocabulary.Of(SharedTokenizers.Small);

        gguf.Model.ShouldBe("gpt2");
        gguf.Pre.ShouldBe("llama-bpe");
        gguf.Tokens.Count.ShouldBe(400);
        gguf.Tokens[0].ShouldBe("!");
        gguf.Tokens[188].ShouldBe("Ā");
        gguf.Tokens[399].ShouldBe("<|end_of_text|>");
        gguf.TokenTypes.ShouldBe([.. Enumerable.Repeat(1, 398), 3, 3]);
        gguf.Merges.Count.ShouldBe(142);
        gguf.Merges.ShouldContain("Ġ t");
        (gguf.BosId, gguf.EosId, gguf.EotId, gguf.EomId).ShouldBe((398, 399, null, null));
    }

    [Fact]
    public void Of_Llama3_HasEndsOfTurnAndMessage()
    {
        var gguf = GgufVocabulary.Of(SharedTokenizers.Llama3);

        (gguf.BosId, gguf.EosId, gguf.EotId, gguf.EomId).ShouldBe((128_000, 128_001, 128_009, 128_008));
        gguf.Tokens[256].ShouldBe("ĠĠ");
    }
}
