using System.Security.Cryptography;
using System.Text;

namespace Altiplano.Data.Tokenizers;

/// <summary>All that a tokenizer's files say, whichever kind they are.</summary>
/// <param name="Tokens">Bytes by id; those of added tokens are empty.</param>
/// <param name="Merges">First to last.</param>
/// <param name="Source">File, for messages.</param>
internal sealed record TokenizerParts(
    IReadOnlyList<byte[]> Tokens, IReadOnlyList<Merge> Merges, PieceScanner Scanner, bool IgnoreMerges,
    IReadOnlyList<AddedToken> Added, int? BosId, int? EosId, string Source)
{
    /// <exception cref="DataFormatException">Two tokens are the same bytes, or a byte has no token.</exception>
    public BpeModel ToModel()
    {
        var vocabulary = Vocabulary.Create(Tokens, Source);
        var byteIds = new int[256];
        for (var value = 0; value < 256; value++)
        {
            byteIds[value] = vocabulary.Find([(byte)value]);
            if (byteIds[value] < 0)
                throw new DataFormatException(
                    $"{Source}: no token for the byte 0x{value:x2}; a byte-level vocabulary has one for each of the 256.");
        }
        return new BpeModel(vocabulary, MergeTable.Create(Merges), byteIds, Scanner, IgnoreMerges);
    }

    /// <summary>"left right", as files hold a merge.</summary>
    public string MergeText(Merge merge) => $"{ByteUnicode.Encode(Tokens[merge.Left])} {ByteUnicode.Encode(Tokens[merge.Right])}";

    /// <summary>SHA-256 over all that decides ids, in one form for rank files and tokenizer.json.</summary>
    public string Hash()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write("byte-level BPE 1");
        writer.Write(Scanner.Pattern);
        writer.Write(IgnoreMerges);
        writer.Write(Tokens.Count);
        foreach (var token in Tokens)
        {
            writer.Write(token.Length);
            writer.Write(token);
        }
        writer.Write(Merges.Count);
        foreach (var merge in Merges)
        {
            writer.Write(merge.Left);
            writer.Write(merge.Right);
        }
        writer.Write(Added.Count);
        foreach (var token in Added.OrderBy(token => token.Id))
        {
            writer.Write(token.Id);
            writer.Write(token.Text);
            writer.Write(token.IsSpecial);
        }
        writer.Flush();
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }
}
