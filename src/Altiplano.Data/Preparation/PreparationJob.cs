using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Altiplano.Data.Corpora;

namespace Altiplano.Data.Preparation;

/// <summary>Names a job by all that its output depends on.</summary>
internal static class PreparationJob
{
    private const int FormatVersion = 1; // raise it when chunks or files change, so that no old progress is continued

    public static string FingerprintOf(Corpus corpus, TokenEncoder encoder, PreparationOptions options)
    {
        var job = new StringBuilder();
        job.AppendLine(CultureInfo.InvariantCulture, $"{FormatVersion} {encoder.Hash} {encoder.VocabSize}");
        job.AppendLine(CultureInfo.InvariantCulture, $"{encoder.BosId} {encoder.EosId}");
        job.AppendLine(CultureInfo.InvariantCulture, $"{options.AddBos} {options.AddEos} {options.ValidationShare:R}");
        job.AppendLine(CultureInfo.InvariantCulture, $"{options.Corpus.InvalidUtf8} {options.Corpus.TextKey}");
        foreach (var file in corpus.Files)
        {
            var changed = File.GetLastWriteTimeUtc(file.Path).Ticks;
            job.AppendLine(CultureInfo.InvariantCulture, $"{file.NumBytes} {changed} {file.Name} {file.Path}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(job.ToString())));
    }
}
