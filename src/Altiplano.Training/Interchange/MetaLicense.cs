using Altiplano.Planning;

namespace Altiplano.Training.Interchange;

/// <summary>
/// Meta's community licence, which travels with every copy of a Llama tokenizer, and the notice that it asks for.
/// </summary>
internal sealed class MetaLicense
{
    public const string LicenseFile = "LICENSE";
    public const string NoticeFile = "NOTICE";

    private const string Attribution = "Copyright © Meta Platforms, Inc. All Rights Reserved.";

    private readonly byte[] _text;
    private readonly string _notice;

    private MetaLicense(byte[] text, string notice)
    {
        _text = text;
        _notice = notice;
    }

    /// <summary>The licence that an export needs; null when it carries no tokenizer of Meta's.</summary>
    /// <exception cref="ConfigException">It needs one and none is given, or what is given is not Meta's licence.</exception>
    public static MetaLicense? For(ExportOptions options, bool hasTokenizer)
    {
        if (!hasTokenizer || !options.IsTokenizerFromMeta)
            return null;
        if (options.TokenizerLicensePath is not { } path)
        {
            throw new ConfigException(
                "The tokenizer comes from Meta's file, and its licence allows passing it on only with the licence and a notice " +
                "beside it. Give the licence that came with it (--tokenizer-license PATH), or export without a tokenizer.");
        }

        if (!File.Exists(path))
            throw new ConfigException($"--tokenizer-license {path}: does not exist.");
        return new MetaLicense(File.ReadAllBytes(path), FindNotice(File.ReadAllText(path), path));
    }

    /// <exception cref="ConfigException">Other files of these names are there and may not be replaced.</exception>
    public void WriteTo(string folder, bool overwrite)
    {
        WriteFile(Path.Combine(folder, LicenseFile), _text, overwrite);
        WriteFile(Path.Combine(folder, NoticeFile), System.Text.Encoding.UTF8.GetBytes(_notice + "\n"), overwrite);
    }

    private static void WriteFile(string path, byte[] content, bool overwrite)
    {
        if (!overwrite && File.Exists(path) && !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            throw new ConfigException(
                $"{path}: exists with another text. Export into a folder of its own, or replace that with --overwrite.");
        File.WriteAllBytes(path, content);
    }

    /// <summary>The sentence that the licence itself puts in quotes for the notice.</summary>
    private static string FindNotice(string license, string path)
    {
        var end = license.IndexOf(Attribution, StringComparison.Ordinal);
        var begin = end < 0 ? -1 : license.LastIndexOfAny(['“', '"'], end);
        if (begin < 0)
        {
            throw new ConfigException(
                $"--tokenizer-license {path}: has no attribution notice of Meta's (\"... {Attribution}\"), so it is not the " +
                "licence of a Llama tokenizer.");
        }

        return license[(begin + 1)..(end + Attribution.Length)];
    }
}
