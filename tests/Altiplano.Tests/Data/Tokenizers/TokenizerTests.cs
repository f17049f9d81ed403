using System.Text;
using Altiplano.Data;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class TokenizerTests
{
    private static readonly Tokenizer s_small = SharedTokenizers.Small;

    private static List<int> Encode(string text)
    {
        var ids = new List<int>();
        s_small.Encode(text, ids);
        return ids;
    }

    [Fact]
    public void Encode_IdsThatAreThere_AppendsToThem()
    {
        List<int> ids = [3];

        s_small.Encode("", ids);
        s_small.Encode("a", ids);

        ids.ShouldBe([3, .. Encode("a")]);
    }

    [Fact]
    public void Encode_TextOfASpecialToken_IsOrdinaryText()
    {
        var ids = Encode("<|end_of_text|>");

        ids.ShouldNotContain(s_small.EosId!.Value);
        s_small.Decode([.. ids]).ShouldBe("<|end_of_text|>");
    }

    [Fact]
    public void EncodeWithSpecials_TextOfASpecialToken_IsTheToken()
    {
        var (bos, eos) = (s_small.BosId!.Value, s_small.EosId!.Value);

        s_small.EncodeWithSpecials("<|begin_of_text|>step<|end_of_text|><|end_of_text|>s <|end_of")
            .ShouldBe([bos, .. Encode("step"), eos, eos, .. Encode("s <|end_of")]);
    }

    [Fact]
    public void Encode_SurrogateWithoutItsHalf_IsTheReplacementCharacter()
    {
        // Not a theory: attributes hold their strings as UTF-8.
        Encode("\uD800x").ShouldBe(Encode("\uFFFDx"));
        Encode("x\uDC00").ShouldBe(Encode("x\uFFFD"));
        Encode("\uD800\uD800 \uDC00\uD800").ShouldBe(Encode("\uFFFD\uFFFD \uFFFD\uFFFD"));
    }

    [Fact]
    public void Encode_LongRuns_AreEncodedWhole()
    {
        foreach (var run in (string[])["a", " ", "語", "\n", "-"])
        {
            var text = string.Concat(Enumerable.Repeat(run, 200_000));
            s_small.Decode([.. Encode(text)]).ShouldBe(text);
        }
    }

    [Fact]
    public void Encode_ManyThreads_GivesTheSameIds()
    {
        var texts = RandomText.Many(seed: 3, count: 64);
        var expected = texts.Select(Encode).ToList();
        var actual = new List<int>[texts.Count];

        Parallel.For(0, texts.Count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => actual[i] = Encode(texts[i]));

        for (var i = 0; i < texts.Count; i++)
            actual[i].ShouldBe(expected[i], texts[i]);
    }

    [Fact]
    public void Encode_PiecesMetAgain_GivesTheSameIds()
    {
        var texts = RandomText.Many(seed: 4, count: 300);
        var first = texts.Select(Encode).ToList();

        texts.Reverse();
        var second = texts.Select(Encode).Reverse().ToList();

        for (var i = 0; i < first.Count; i++)
            second[i].ShouldBe(first[i]);
    }

    [Fact]
    public void Encode_PieceThatEndsInZeros_IsNotTheOneWithoutThem()
    {
        foreach (var text in (string[])["!", "!\0", "!\0\0", "!", "\0", "\0\0"])
            s_small.Decode([.. Encode(text)]).ShouldBe(text);
    }

    [Fact]
    public void Decode_TokensThatEndInsideACharacter_JoinsBytesFirst()
    {
        var ids = Encoding.UTF8.GetBytes("語🙂").Select(value => Enumerable.Range(0, 256).First(id => s_small.Bytes(id)[0] == value)).ToArray();

        s_small.Decode(ids).ShouldBe("語🙂");
        s_small.Decode(ids.AsSpan(0, 2)).ShouldBe("\uFFFD");
    }

    [Fact]
    public void Decode_SpecialToken_IsItsTextAndHasNoBytes()
    {
        var eos = s_small.EosId!.Value;

        s_small.Decode([.. Encode("a"), eos]).ShouldBe("a<|end_of_text|>");
        s_small.CountBytes(eos).ShouldBe(0);
        s_small.Bytes(eos).Length.ShouldBe(0);
    }

    [Fact]
    public void CountBytes_OfAllTokensOfAText_IsItsLength()
    {
        foreach (var text in RandomText.Many(seed: 6, count: 50))
            Encode(text).Sum(s_small.CountBytes).ShouldBe(Encoding.UTF8.GetByteCount(text), text);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(-1)]
    public void Decode_IdOutsideTheVocabulary_SaysIdAndSize(int id) =>
        Should.Throw<DataFormatException>(() => s_small.Decode([1, id])).Message
            .ShouldBe($"token id {id} is outside the vocabulary of 400 tokens (0 to 399). Is the tokenizer the data's?");

    [Fact]
    public void Hash_OfOtherMerges_IsAnother()
    {
        var texts = SharedTokenizers.SmallTexts();

        s_small.Hash.ShouldStartWith("sha256:");
        BpeTrainer.Train(texts, 400, threads: 1).Hash.ShouldBe(s_small.Hash);
        BpeTrainer.Train(texts, 399, threads: 1).Hash.ShouldNotBe(s_small.Hash);
        BpeTrainer.Train(texts, 400, threads: 1, ["<|begin_of_text|>", "<|end|>"]).Hash.ShouldNotBe(s_small.Hash);
    }

    [Fact]
    public void IsFromMeta_TrainedTokenizer_IsFalse() => s_small.IsFromMeta.ShouldBeFalse();

    [Fact]
    public void Load_PathThatIsNotThere_SaysWhatATokenizerIs()
    {
        using var folder = new TempFolder();

        Should.Throw<DataFormatException>(() => Tokenizer.Load(folder["none"])).Message.ShouldBe(
            $"{folder["none"]}: no such file or folder; a tokenizer is a tokenizer.json, a rank file (tokenizer.model, *.tiktoken) or a folder that has one.");
        Should.Throw<DataFormatException>(() => Tokenizer.Load(folder.Root)).Message.ShouldBe(
            $"{folder.Root}: the folder has neither tokenizer.json nor tokenizer.model.");
    }
}
