namespace Altiplano.Data.Tokenizers;

/// <summary>Which file of a path or folder holds the tokenizer.</summary>
internal static class TokenizerFile
{
    /// <exception cref="DataFormatException">There is none.</exception>
    public static string Find(string path)
    {
        if (File.Exists(path))
            return path;
        if (!Directory.Exists(path))
        {
            throw new DataFormatException(
                $"{path}: no such file or folder; a tokenizer is a tokenizer.json, a rank file (tokenizer.model, *.tiktoken)"
                + " or a folder that has one.");
        }
        foreach (var name in (string[])["tokenizer.json", "tokenizer.model"])
        {
            if (File.Exists(Path.Combine(path, name)))
                return Path.Combine(path, name);
        }
        throw new DataFormatException($"{path}: the folder has neither tokenizer.json nor tokenizer.model.");
    }
}
