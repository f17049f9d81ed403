using ICSharpCode.SharpZipLib.BZip2;

namespace Altiplano.Data.Corpora;

/// <summary>What <c>bzip2 -9</c> needs for a text: the figure that a model's bits per byte is set beside.</summary>
public static class Bzip2Baseline
{
    private const int Level = 9; // blocks of 900 kB

    /// <returns>Compressed bits per byte of text; 0 for an empty text.</returns>
    public static double BitsPerByte(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return 0;
        using var compressed = new MemoryStream();
        using (var bzip2 = new BZip2OutputStream(compressed, Level) { IsStreamOwner = false })
            bzip2.Write(text);
        return 8.0 * compressed.Length / text.Length;
    }
}
