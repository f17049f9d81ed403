using System.Text;
using System.Text.RegularExpressions;
using Altiplano.Data;
using Altiplano.Data.Tokenizers;
using CsCheck;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class BpeTrainerTests
{
    /// <summary>Counts all pairs of all pieces anew in every step.</summary>
    private static List<string> NaiveMerges(IEnumerable<string> texts, int vocabSize)
    {
        var pieces = texts.SelectMany(text => Regex.Matches(text, RankFiles.Llama3Pattern))
            .Select(match => Symbols(match.Value)).ToList();
        var ids = ByteSymbols();
        var merges = new List<string>();
        while (ids.Count < vocabSize - 2)
        {
            var (best, count) = pieces.SelectMany(piece => piece.Zip(piece.Skip(1))).CountBy(pair => pair)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => ids[pair.Key.First]).ThenBy(pair => ids[pair.Key.Second]).First();
            count.ShouldBeGreaterThan(1);
            ids.Add(best.First + best.Second, ids.Count);
            merges.Add($"{best.First} {best.Second}");
            foreach (var piece in pieces)
            {
                for (var i = 0; i + 1 < piece.Count; i++)
                {
                    if ((piece[i], piece[i + 1]) != best)
                        continue;
                    piece[i] = best.First + best.Second;
                    piece.RemoveAt(i + 1);
                }
            }
        }
        return merges;
    }

    /// <summary>Bytes as hexadecimal numbers, by the id that they have.</summary>
    private static Dictionary<string, int> ByteSymbols() =>
        Enumerable.Range(0, 256).ToDictionary(id => Convert.ToHexString(SharedTokenizers.Small.Bytes(id)), id => id);

    private static List<string> Symbols(string piece) => [.. Encoding.UTF8.GetBytes(piece).Select(value => Convert.ToHexString([value]))];

    private static List<string> MergesOf(Tokenizer tokenizer)
    {
        var gguf = GgufTokenizer.Of(tokenizer, tokenizer.VocabSize);
        var symbols = Enumerable.Range(0, tokenizer.VocabSize).DistinctBy(id => gguf.Tokens[id])
            .ToDictionary(id => gguf.Tokens[id], id => Convert.ToHexString(tokenizer.Bytes(id)));
        return [.. gguf.Merges.Select(merge => string.Join(' ', merge.Split(' ').Select(half => symbols[half])))];
    }

    [Fact]
    public void Train_SmallCorpus_FindsTheMergesOfANaiveTrainer() =>
        MergesOf(SharedTokenizers.Small).ShouldBe(NaiveMerges(SharedTokenizers.SmallTexts(), 400));

    /// <summary>Two letters make many ties, runs and overlaps.</summary>
    [Fact]
    public void Train_RandomTextsOfFewLetters_FindsTheMergesOfANaiveTrainer() =>
        Gen.Char["ab"].Array[1, 30].Select(letters => new string(letters)).Array[20, 40].Sample(
            texts => MergesOf(BpeTrainer.Train(texts, 274, threads: 1)).SequenceEqual(NaiveMerges(texts, 274)),
            seed: "0N0XIzNsQ0O2", iter: 200, threads: 1);

    [Fact]
    public void Train_AnyNumberOfThreads_MakesTheSameTokenizer()
    {
        var texts = SharedTokenizers.SmallTexts();

        foreach (var threads in (int[])[1, 2, 3, 8])
            BpeTrainer.Train(texts, 400, threads).Hash.ShouldBe(SharedTokenizers.Small.Hash);
        BpeTrainer.Train(texts.Reverse(), 400, threads: 2).Hash.ShouldBe(SharedTokenizers.Small.Hash);
    }

    [Fact]
    public void Train_Ids_AreBytesThenMergesThenSpecials()
    {
        var tokenizer = SharedTokenizers.Small;

        tokenizer.VocabSize.ShouldBe(400);
        tokenizer.Bytes(0).ToArray().ShouldBe("!"u8.ToArray());
        tokenizer.Bytes(187).ToArray().ShouldBe([0xFF]);
        tokenizer.Bytes(188).ToArray().ShouldBe([0x00]);
        tokenizer.Bytes(255).ToArray().ShouldBe([0xAD]);
        tokenizer.CountBytes(256).ShouldBe(2);
        tokenizer.BosId.ShouldBe(398);
        tokenizer.EosId.ShouldBe(399);
        tokenizer.StopIds.ShouldBe([399]);
        tokenizer.Specials["<|begin_of_text|>"].ShouldBe(398);
    }

    [Fact]
    public void Train_SpecialsOfOnesOwn_AreTheLastIds()
    {
        var tokenizer = BpeTrainer.Train(["aa aa"], 260, threads: 1, ["<|end_of_text|>", "<|eot_id|>", "<|x|>"]);

        tokenizer.BosId.ShouldBeNull();
        tokenizer.EosId.ShouldBe(257);
        tokenizer.StopIds.ShouldBe([257, 258]);
    }

    [Fact]
    public void Train_TextWithoutBytesOfMostKinds_StillEncodesAllText()
    {
        var tokenizer = BpeTrainer.Train(["aa aa"], 259, threads: 1);

        foreach (var text in RandomText.Many(seed: 2, count: 20))
            tokenizer.Decode([.. tokenizer.EncodeWithSpecials(text)]).ShouldBe(text);
    }

    [Fact]
    public void Train_TooLittleText_SaysHowMuchItGives() =>
        Should.Throw<DataFormatException>(() => BpeTrainer.Train(["aa aa"], 300, threads: 1)).Message.ShouldBe(
            "the text has pairs that occur at least 2 times for 1 merges, and a vocabulary of this size needs 42."
            + " Use more text or a vocabulary that is smaller by 41.");

    [Fact]
    public void Train_VocabularyWithoutRoomForBytes_SaysTheLeast() =>
        Should.Throw<DataFormatException>(() => BpeTrainer.Train(["aa"], 256, threads: 1)).Message.ShouldBe(
            "a vocabulary of 256 tokens has no room for 256 bytes and 2 special tokens; use 258 or more.");
}
