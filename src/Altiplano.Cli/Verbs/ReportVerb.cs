using System.CommandLine;

namespace Altiplano.Cli.Verbs;

/// <summary><c>report RUN</c>: the picture book of a run folder.</summary>
internal static class ReportVerb
{
    public static Command Create() => new("report", "x");
}
