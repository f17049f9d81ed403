using System.Runtime.InteropServices;

namespace Altiplano.Data.TokenFiles;

/// <summary>Tokens of documents, or of pieces of them, on their way to a file; already in the file's type.</summary>
internal sealed class TokenBatch(TokenDtype dtype, int vocabSize)
{
    private readonly List<(int NumTokens, bool EndsDocument)> _pieces = [];
    private byte[] _bytes = [];
    private int _numBytes;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _numBytes);
    public IReadOnlyList<(int NumTokens, bool EndsDocument)> Pieces => _pieces;
    public long NumTokens => _numBytes / dtype.NumBytes();

    /// <summary>Bytes of the text that the tokens stand for.</summary>
    public long TextBytes { get; private set; }

    /// <summary>Largest id; -1 when there is none.</summary>
    public int MaxToken { get; private set; } = -1;

    /// <summary>Index in this batch of the first token with the largest id.</summary>
    public long MaxPosition { get; private set; }

    /// <exception cref="DataFormatException">The tokenizer gave an id outside its vocabulary.</exception>
    public void Append(List<int> tokens, long textBytes, bool endsDocument)
    {
        var ids = CollectionsMarshal.AsSpan(tokens);
        Track(ids);
        var added = ids.Length * dtype.NumBytes();
        if (_bytes.Length < _numBytes + added)
            Array.Resize(ref _bytes, Math.Max(checked(_numBytes + added), Math.Min(_bytes.Length * 2, 1 << 30)));
        TokenConversion.Narrow(ids, dtype, _bytes.AsSpan(_numBytes, added));
        _numBytes += added;
        _pieces.Add((ids.Length, endsDocument));
        TextBytes += textBytes;
    }

    private void Track(ReadOnlySpan<int> ids)
    {
        var outside = TokenConversion.IndexOfOutside(ids, vocabSize);
        if (outside >= 0)
            throw new DataFormatException(
                $"The tokenizer gave the id {ids[outside]}, but says that its vocabulary has {vocabSize:N0} ids. Its file is " +
                "damaged.");
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i] > MaxToken)
                (MaxToken, MaxPosition) = (ids[i], NumTokens + i);
        }
    }
}
