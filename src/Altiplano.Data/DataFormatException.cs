namespace Altiplano.Data;

/// <summary>A file that holds something else than it must: text, token files, tokenizers.</summary>
/// <remarks>The message gives the path, what was found, what is needed and the remedy.</remarks>
public sealed class DataFormatException : Exception
{
    public DataFormatException(string message)
        : base(message)
    {
    }

    public DataFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
