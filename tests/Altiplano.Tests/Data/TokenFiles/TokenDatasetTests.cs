using Altiplano.Data;
using Altiplano.Data.TokenFiles;

namespace Altiplano.Tests.Data.TokenFiles;

public sealed class TokenDatasetTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<TokenDataset> _open = [];

    private string Prefix => _folder["data"];

    public void Dispose()
    {
        _open.ForEach(dataset => dataset.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [InlineData(65_499, TokenDtype.UInt16)]
    [InlineData(65_500, TokenDtype.Int32)]
    public void Open_WhatWasWritten_GivesTokensAndDocuments(int vocabSize, TokenDtype dtype)
    {
        SampleTokenFiles.Write(Prefix, vocabSize, [1, 2, 3], [vocabSize - 1], [5, 6]);
        var dataset = Open();

        (dataset.NumTokens, dataset.NumDocuments, dataset.Dtype).ShouldBe((6L, 3L, dtype));
        Tokens(dataset, 0, 6).ShouldBe([1, 2, 3, vocabSize - 1, 5, 6]);
        Enumerable.Range(0, 4).Select(i => dataset.DocumentStart(i)).ShouldBe([0L, 3, 4, 6]);
        Enumerable.Range(0, 6).Select(i => dataset.DocumentOf(i)).ShouldBe([0L, 0, 0, 1, 2, 2]);
    }

    [Fact]
    public void Idx_TwoDocuments_IsMegatronsLayoutByteForByte()
    {
        var paths = SampleTokenFiles.Write(Prefix, 300, [1, 2, 299], [4]);

        File.ReadAllBytes(paths.Bin).ShouldBe([1, 0, 2, 0, 43, 1, 4, 0]);
        Convert.ToHexStringLower(File.ReadAllBytes(paths.Idx)).ShouldBe(
            "4d4d4944494458" + "0000" + "0100000000000000" + "08" + "0200000000000000" + "0300000000000000" +
            "03000000" + "01000000" + "0000000000000000" + "0600000000000000" +
            "0000000000000000" + "0100000000000000" + "0200000000000000");
    }

    [Theory]
    [InlineData(1, TokenDtype.UInt8)]
    [InlineData(2, TokenDtype.Int8)]
    [InlineData(3, TokenDtype.Int16)]
    [InlineData(5, TokenDtype.Int64)]
    public void Open_OtherIntegerTypes_AreRead(byte code, TokenDtype dtype)
    {
        var bin = new byte[3 * dtype.NumBytes()];
        for (var i = 0; i < 3; i++)
            bin[i * dtype.NumBytes()] = (byte)(i + 1);
        WriteForeign(bin, code, lengths: [1, 2], documents: [0, 2]);
        var dataset = Open();

        dataset.Metadata.ShouldBeNull();
        dataset.NumDocuments.ShouldBe(1);
        Tokens(dataset, 0, 3).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Open_SentencesOfADocument_AreOneDocument()
    {
        WriteForeign(new byte[12], 8, lengths: [1, 2, 3], documents: [0, 2, 3]);

        Enumerable.Range(0, 3).Select(i => Open().DocumentStart(i)).ShouldBe([0L, 3, 6]);
    }

    [Fact]
    public void Open_MissingFile_SaysHowToMakeIt() =>
        Should.Throw<DataFormatException>(Open).Message.ShouldEndWith("Make token files with `altiplano data prepare`.");

    [Fact]
    public void Open_TruncatedBin_GivesBothSizes()
    {
        var paths = SampleTokenFiles.WriteCounting(Prefix, 10);
        Truncate(paths.Bin, 36);

        Should.Throw<DataFormatException>(Open).Message.ShouldBe(
            $"{paths.Idx} describes 40 bytes of tokens; the .bin beside it has 36. Truncated or mixed up? Prepare the data " +
            "again.");
    }

    [Theory]
    [InlineData(0, " is empty (0 bytes). Prepare the data again.")]
    [InlineData(20, " has 20 bytes; the header alone needs 34. Truncated or mixed up? Prepare the data again.")]
    [InlineData(50, " has 50 bytes; 1 sequences and 1 documents take 62. Truncated or mixed up? Prepare the data again.")]
    public void Open_TruncatedIdx_GivesBothSizes(int length, string message)
    {
        var paths = SampleTokenFiles.WriteCounting(Prefix, 10);
        Truncate(paths.Idx, length);

        Should.Throw<DataFormatException>(Open).Message.ShouldBe(paths.Idx + message);
    }

    [Theory]
    [InlineData(0, 'X', "does not begin with \"MMIDIDX\", so it is not a Megatron index")]
    [InlineData(9, 2, "has version 2; version 1 is needed")]
    [InlineData(17, 6, "has dtype code 6, which is no integer type")]
    [InlineData(34, 11, "describes 44 bytes of tokens; the .bin beside it has 40")]
    [InlineData(38, 1, "says that sequence 0 has 10 tokens at byte 1; the sequences before it end at byte 0")]
    [InlineData(46, 1, "says that document 0 begins at sequence 1 of 1, after one that begins at 0")]
    [InlineData(54, 0, "ends its last document at sequence 0 of 1")]
    public void Open_DamagedIdx_SaysWhatIsWrong(int offset, int value, string message)
    {
        var paths = SampleTokenFiles.WriteCounting(Prefix, 10);
        var bytes = File.ReadAllBytes(paths.Idx);
        bytes[offset] = (byte)value;
        File.WriteAllBytes(paths.Idx, bytes);

        Should.Throw<DataFormatException>(Open).Message.ShouldBe($"{paths.Idx} {message}. Truncated or mixed up? Prepare the data again.");
    }

    [Fact]
    public void Open_MetadataOfOtherFiles_IsRefused()
    {
        var other = SampleTokenFiles.WriteCounting(_folder["other"], 3, 4);
        var paths = SampleTokenFiles.WriteCounting(Prefix, 10);
        File.Copy(other.Meta, paths.Meta, overwrite: true);

        Should.Throw<DataFormatException>(Open).Message.ShouldBe(
            $"{paths.Meta} describes 7 tokens in 2 documents; {paths.Bin} has 10 in 1. Files of two preparations mixed up? " +
            "Prepare the data again.");
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "has version 2; this program reads version 1. Prepare the data again.")]
    [InlineData("\"version\"", "\"versoin\"", "cannot be understood: ")]
    public void Open_UnknownMetadata_IsRefused(string old, string replacement, string message)
    {
        var paths = SampleTokenFiles.WriteCounting(Prefix, 10);
        File.WriteAllText(paths.Meta, File.ReadAllText(paths.Meta).Replace(old, replacement));

        Should.Throw<DataFormatException>(Open).Message.ShouldStartWith($"{paths.Meta} {message}");
    }

    [Fact]
    public void RequireTokenizer_OtherHash_IsRefused()
    {
        var paths = SampleTokenFiles.WriteCounting(Prefix, 10);
        var dataset = Open();

        dataset.RequireTokenizer(SampleTokenFiles.Hash);
        Should.Throw<DataFormatException>(() => dataset.RequireTokenizer("sha256:other")).Message.ShouldBe(
            $"{paths.Bin} was made with tokenizer sha256:test; the run has tokenizer sha256:other. " +
            "Give the run the data's tokenizer, or prepare the data again.");
    }

    [Fact]
    public void RequireTokenizer_NoMetadata_IsRefused()
    {
        var paths = SampleTokenFiles.WriteCounting(Prefix, 10);
        File.Delete(paths.Meta);

        Should.Throw<DataFormatException>(() => Open().RequireTokenizer("sha256:test")).Message.ShouldBe(
            $"{paths.Bin} has no {paths.Meta} beside it, so nothing says which tokenizer made it. Prepare the data with " +
            "`altiplano data prepare`.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RequireVocabulary_SmallerModel_NamesTheToken(bool hasMetadata)
    {
        var paths = SampleTokenFiles.Write(Prefix, 300, [1, 2], [7, 299, 299]);
        if (!hasMetadata)
            File.Delete(paths.Meta);
        var dataset = Open();

        dataset.RequireVocabulary(300);
        Should.Throw<DataFormatException>(() => dataset.RequireVocabulary(299)).Message.ShouldBe(
            $"{paths.Bin}: token 3 (document 1) is 299, but the vocabulary has 299 ids, 0 to 298. " +
            "Use the tokenizer and the model that belong to this data, or prepare the data again.");
    }

    [Fact]
    public void CopyTokens_DamagedToken_NamesItsPosition()
    {
        var paths = SampleTokenFiles.Write(Prefix, 300, [1, 2, 3]);
        File.WriteAllBytes(paths.Bin, [1, 0, 2, 0, 0, 9]);
        var dataset = Open();

        Should.Throw<DataFormatException>(() => Tokens(dataset, 1, 2)).Message.ShouldStartWith($"{paths.Bin}: token 2 (document 0) is 2304, but ");
    }

    [Fact]
    public void VerifyChecksum_DamagedBin_IsFound()
    {
        var paths = SampleTokenFiles.Write(Prefix, 300, [1, 2, 3]);
        Open().VerifyChecksum();
        File.WriteAllBytes(paths.Bin, [1, 0, 2, 0, 4, 0]);

        var error = Should.Throw<DataFormatException>(() => Open().VerifyChecksum()).Message;
        error.ShouldStartWith($"{paths.Bin} has SHA-256 ");
        error.ShouldEndWith("Damaged? Prepare the data again.");
    }

    [Fact]
    public void CopyTokens_BeyondTwoGigabytes_ReadsTheRightPlace()
    {
        const long numTokens = (1L << 31) + 100;
        using (var bin = File.Create(_folder["data.bin"])) // sparse: takes no room on the disk
        {
            bin.SetLength(numTokens * 2);
            bin.Position = (numTokens - 2) * 2;
            bin.Write([7, 0, 8, 0]);
        }

        WriteIdx(8, lengths: [int.MaxValue, 101], documents: [0, 1, 2]);
        var dataset = Open();

        dataset.NumTokens.ShouldBe(numTokens);
        Tokens(dataset, numTokens - 3, 3).ShouldBe([0, 7, 8]);
        dataset.DocumentOf(numTokens - 1).ShouldBe(1);
    }

    private static int[] Tokens(TokenDataset dataset, long start, int count)
    {
        var tokens = new int[count];
        dataset.CopyTokens(start, tokens);
        return tokens;
    }

    private static void Truncate(string path, int length)
    {
        using var stream = File.OpenWrite(path);
        stream.SetLength(length);
    }

    private TokenDataset Open()
    {
        _open.Add(TokenDataset.Open(Prefix));
        return _open[^1];
    }

    private void WriteForeign(byte[] bin, byte code, int[] lengths, long[] documents)
    {
        File.WriteAllBytes(_folder["data.bin"], bin);
        WriteIdx(code, lengths, documents);
    }

    /// <summary>Writes an index as Megatron-LM does, independently of the code under test.</summary>
    private void WriteIdx(byte code, int[] lengths, long[] documents)
    {
        using var writer = new BinaryWriter(File.Create(_folder["data.idx"]));
        writer.Write("MMIDIDX\0\0"u8);
        writer.Write(1UL);
        writer.Write(code);
        writer.Write((ulong)lengths.Length);
        writer.Write((ulong)documents.Length);
        foreach (var length in lengths)
            writer.Write(length);
        var pointer = 0L;
        foreach (var length in lengths)
        {
            writer.Write(pointer);
            pointer += (long)length * ((TokenDtype)code).NumBytes();
        }

        foreach (var document in documents)
            writer.Write(document);
    }
}
