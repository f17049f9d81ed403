using System.Numerics;
using System.Runtime.InteropServices;

namespace Altiplano.Data.TokenFiles;

/// <summary>Tokens between the type of a file and the int of the program.</summary>
internal static class TokenConversion
{
    /// <summary>Copies tokens of any type; what no int can hold becomes the nearest int, which no vocabulary has.</summary>
    /// <param name="start">Index of the first token in the file.</param>
    public static void Widen(MappedFile file, TokenDtype dtype, long start, Span<int> destination)
    {
        var offset = start * dtype.NumBytes();
        var count = destination.Length;
        switch (dtype)
        {
            case TokenDtype.Int32:
                file.Span<int>(offset, count).CopyTo(destination);
                break;
            case TokenDtype.UInt16:
                Widen(file.Span<ushort>(offset, count), destination);
                break;
            case TokenDtype.UInt8:
                Widen(file.Span<byte>(offset, count), destination);
                break;
            case TokenDtype.Int8:
                Widen(file.Span<sbyte>(offset, count), destination);
                break;
            case TokenDtype.Int16:
                Widen(file.Span<short>(offset, count), destination);
                break;
            default:
                Widen(file.Span<long>(offset, count), destination);
                break;
        }
    }

    /// <summary>Index of the first id that is not in [0, vocabSize); -1 when all are.</summary>
    public static int IndexOfOutside(ReadOnlySpan<int> tokens, int vocabSize) => tokens.IndexOfAnyExceptInRange(0, vocabSize - 1);

    /// <param name="destination">As long as the tokens take in <paramref name="dtype"/>, which is UInt16 or Int32.</param>
    public static void Narrow(ReadOnlySpan<int> tokens, TokenDtype dtype, Span<byte> destination)
    {
        if (dtype == TokenDtype.Int32)
        {
            MemoryMarshal.AsBytes(tokens).CopyTo(destination);
            return;
        }

        var narrow = MemoryMarshal.Cast<byte, ushort>(destination);
        for (var i = 0; i < tokens.Length; i++)
            narrow[i] = (ushort)tokens[i];
    }

    private static void Widen<T>(ReadOnlySpan<T> tokens, Span<int> destination)
        where T : IBinaryInteger<T>
    {
        for (var i = 0; i < tokens.Length; i++)
            destination[i] = int.CreateSaturating(tokens[i]);
    }
}
