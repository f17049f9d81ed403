namespace Altiplano.Data;

/// <summary>A file, of ours or the user's, cannot be read as what it should be; the message gives path, value, rule and remedy.</summary>
public sealed class DataFormatException : Exception
{
    public DataFormatException(string message) : base(message) { }

    public DataFormatException(string message, Exception inner) : base(message, inner) { }
}
