namespace Altiplano.Cli.Launch;

/// <summary>The name of a job whose user gave none.</summary>
internal static class JobName
{
    private const int MaxLength = 40;

    /// <summary>The run folder's own name, as far as schedulers can bear it.</summary>
    public static string Of(string runFolder)
    {
        var letters = Path.GetFileName(runFolder.TrimEnd('/')).ToLowerInvariant()
            .Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-');
        var name = string.Concat(letters).Trim('-');
        name = name.Length > 0 && char.IsAsciiLetter(name[0]) ? name : $"run-{name}".TrimEnd('-');
        return name.Length <= MaxLength ? name : name[..MaxLength].TrimEnd('-');
    }
}
