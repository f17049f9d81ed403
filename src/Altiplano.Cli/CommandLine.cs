using System.CommandLine;
using System.CommandLine.Invocation;
using Altiplano.Cli.Verbs;

namespace Altiplano.Cli;

/// <summary>The whole program behind its arguments.</summary>
/// <param name="output">What the user asked for; a program may read it.</param>
/// <param name="error">Problems and progress.</param>
internal sealed class CommandLine(TextWriter output, TextWriter error)
{
    private static readonly RootCommand Root = new("Trains open Llama-family models, from raw text to weights that anyone can run.")
    {
        QuickstartVerb.Create(),
        DoctorVerb.Create(),
        DataVerb.Create(),
        TokenizerVerb.Create(),
        SimulateVerb.Create(),
        CalibrateVerb.Create(),
        TrainVerb.Create(),
        LaunchVerb.Create(),
        SelfTestVerb.Create(),
        DryRunVerb.Create(),
        ConfigVerb.Create(),
        CheckpointVerb.Create(),
        ExportVerb.CreateImport(),
        ExportVerb.Create(),
        ScoreVerb.Create(),
        GenerateVerb.Create(),
        ChatVerb.Create(),
        ReportVerb.Create(),
        ReconcileVerb.Create(),
        BacktestVerb.Create(),
        PlanVerb.Create(),
        CampaignVerb.Create(),
    };

    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public int Run(params string[] arguments)
    {
        // Errors come to us, and signals go to whoever trains: neither is the library's to handle.
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = output, Error = error,
        };
        try
        {
            var parsed = Root.Parse(arguments);
            if (parsed.Errors.Count == 0 || parsed.Action is not ParseErrorAction)
                return parsed.Invoke(invocation);
            ArgumentProblems.Write(parsed, error);
            return ExitCodes.Usage;
        }
        catch (Exception failure)
        {
            return FailureReport.Write(failure, error);
        }
    }
}
