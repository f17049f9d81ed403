using System.Runtime.InteropServices;
using System.Text;

namespace Altiplano.Data.Tokenizers;

/// <summary>Turns ordinary text into ids with buffers of its own; one a thread.</summary>
internal sealed class TextEncoder(BpeModel model)
{
    private readonly PieceMerger _merger = new(model.Merges, model.ByteIds);
    private readonly PieceCache _cache = new();
    private byte[] _bytes = new byte[256];

    /// <summary>Appends the ids of the text.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = model.Scanner.End(text, start);
            if (end - start <= PieceCache.MaxChars)
                EncodeShort(text, start, end - start, ids);
            else
                EncodePiece(text[start..end], ids);
            start = end;
        }
    }

    private void EncodeShort(ReadOnlySpan<char> text, int start, int length, List<int> ids)
    {
        var key = PieceCache.Key(text, start, length);
        if (_cache.TryAppend(key, length, ids))
            return;
        var before = ids.Count;
        EncodePiece(text.Slice(start, length), ids);
        _cache.Store(key, length, CollectionsMarshal.AsSpan(ids)[before..]);
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        var maxBytes = Encoding.UTF8.GetMaxByteCount(piece.Length);
        if (_bytes.Length < maxBytes)
            _bytes = new byte[maxBytes];
        // A surrogate without its other half becomes U+FFFD.
        var bytes = _bytes.AsSpan(0, Encoding.UTF8.GetBytes(piece, _bytes));
        var whole = model.IgnoreMerges ? model.Vocabulary.Find(bytes) : -1;
        if (whole >= 0)
            ids.Add(whole);
        else
            _merger.Encode(bytes, ids);
    }
}
