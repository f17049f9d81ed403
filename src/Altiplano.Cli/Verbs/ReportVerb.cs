using System.CommandLine;
using System.Text.Json;
using Altiplano.Cli.Configuration;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Verbs;

/// <summary><c>report RUN</c>: writes report.html of a run folder again, from the files in it.</summary>
internal static class ReportVerb
{
    private static readonly Argument<string> Run = new("RUN") { Description = "A run folder, as train writes it." };

    private static readonly Option<bool> Json = new("--json") { Description = "Prints {\"report\": PATH} instead of a sentence." };

    public static Command Create()
    {
        var command = new Command("report", "Writes the picture page of a run, report.html, from the files in its folder.") { Run, Json };
        command.SetAction(arguments =>
        {
            var folder = new RunFolder(arguments.GetRequiredValue(Run));
            RunReport.Write(folder, File.Exists(folder.Config) ? RunFile.ReadSettings(folder.Config) : []);
            var report = Path.GetFullPath(folder.Report);
            arguments.InvocationConfiguration.Output.WriteLine(
                arguments.GetValue(Json) ? $"{{\"report\":\"{JsonEncodedText.Encode(report)}\"}}" : $"Wrote {report}");
            return ExitCodes.Done;
        });
        return command;
    }
}
