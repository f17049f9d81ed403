using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class GgufTokenizerTests
{
    [Fact]
    public void Of_TrainedTokenizer_IsWhatLlamaCppReads()
    {
        var gguf = GgufTokenizer.Of(SharedTokenizers.Small, 402);

        gguf.Pre.ShouldBe("llama-bpe");
        gguf.Tokens.Count.ShouldBe(402);
        gguf.Tokens[0].ShouldBe("!");
        gguf.Tokens[188].ShouldBe("Ā");
        gguf.Tokens[399].ShouldBe("<|end_of_text|>");
        gguf.Tokens[401].ShouldBe("<|unused_401|>");
        gguf.TokenTypes.ShouldBe([.. Enumerable.Repeat(1, 398), 3, 3, 5, 5]);
        gguf.Merges.Count.ShouldBe(142);
        gguf.Merges.ShouldContain("Ġ t");
        (gguf.BosId, gguf.EosId, gguf.EotId, gguf.EomId).ShouldBe((398, 399, null, null));
    }

    [Fact]
    public void Of_Llama3_HasEndsOfTurnAndMessage()
    {
        var gguf = GgufTokenizer.Of(SharedTokenizers.Llama3, SharedTokenizers.Llama3.VocabSize);

        (gguf.BosId, gguf.EosId, gguf.EotId, gguf.EomId).ShouldBe((128_000, 128_001, 128_009, 128_008));
        gguf.Tokens[256].ShouldBe("ĠĠ");
    }
}
