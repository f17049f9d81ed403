using Altiplano.Data;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class BpeTrainerSmallTextTests
{
    [Fact]
    public void Train_TooLittleText_IsRefusedOrGivesFewerWords()
    {
        string[] texts = ["to be or not to be"];

        Should.Throw<DataFormatException>(() => BpeTrainer.Train(texts, 400, threads: 1)).Message.ShouldContain("Use more text or a vocabulary that is smaller by");
        var tokenizer = BpeTrainer.Train(texts, 400, threads: 1, orSmaller: true);

        tokenizer.VocabSize.ShouldBeInRange(259, 270);
        BpeTrainer.Train(texts, tokenizer.VocabSize, threads: 1).Hash.ShouldBe(tokenizer.Hash);
    }
}
