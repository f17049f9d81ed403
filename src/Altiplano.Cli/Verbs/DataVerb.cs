using System.CommandLine;
using Altiplano.Data;
using Altiplano.Data.Corpora;
using Altiplano.Data.Preparation;
using Altiplano.Data.TokenFiles;
using Altiplano.Data.Tokenizers;
using Altiplano.Training.Loop.Display;

namespace Altiplano.Cli.Verbs;

/// <summary><c>data prepare</c>: text to token files.</summary>
internal static class DataVerb
{
    public static Command Create() => new("data", "Makes training data.") { Prepare() };

    private static Command Prepare()
    {
        var inputs = new Argument<string[]>("INPUT")
        {
            Description = "Files or folders of .txt, .md, .jsonl, .parquet, also with .gz or .zst behind them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var tokenizer = new Option<string>("--tokenizer")
        {
            Description = "A tokenizer.json, a rank file, or a folder of either.", Required = true,
        };
        var output = new Option<string>("--output")
        {
            Description = "Path of the .bin to write; the .idx and .meta.json go beside it.", Required = true,
        };
        var workers = new Option<int>("--workers")
        {
            Description = "Threads that encode.", DefaultValueFactory = _ => Environment.ProcessorCount,
        }.AtLeast(1, "counts threads");
        var key = new Option<string>("--text-key")
        {
            Description = "Key of a JSON line, or column of a Parquet file, that holds the text.", DefaultValueFactory = _ => "text",
        };
        var validation = new Option<double>("--validation")
        {
            Description = "Share of the documents that go to OUTPUT-val instead, chosen by a hash of their place.",
        }.Share("is a part of the documents");
        var invalidUtf8 = new Option<string>("--invalid-utf8")
        {
            Description = "What bytes that are not UTF-8 are: an error, or replaced by U+FFFD.", DefaultValueFactory = _ => "error",
        }.AcceptOnlyFromAmong("error", "replace");
        var noBos = new Option<bool>("--no-bos") { Description = "Leaves out the begin-of-text token in front of each document." };
        var noEos = new Option<bool>("--no-eos") { Description = "Leaves out the end-of-text token behind each document." };
        var command = new Command(
            "prepare", "Turns text into Megatron token files; started again after a crash, it goes on where it was.")
        {
            inputs, tokenizer, output, workers, key, validation, invalidUtf8, noBos, noEos,
        };
        command.SetAction((arguments, cancellation) =>
        {
            var options = new PreparationOptions
            {
                Inputs = arguments.GetRequiredValue(inputs),
                Output = Path.ChangeExtension(arguments.GetRequiredValue(output), null),
                Workers = arguments.GetValue(workers),
                ValidationShare = arguments.GetValue(validation),
                AddBos = !arguments.GetValue(noBos),
                AddEos = !arguments.GetValue(noEos),
                Corpus = new CorpusOptions
                {
                    TextKey = arguments.GetRequiredValue(key),
                    InvalidUtf8 = arguments.GetValue(invalidUtf8) == "replace" ? InvalidUtf8.Replace : InvalidUtf8.Error,
                },
            };
            var loaded = Tokenizer.Load(arguments.GetRequiredValue(tokenizer));
            Run(options, loaded, arguments.InvocationConfiguration.Output, cancellation);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    /// <summary>Prepares data with a bar while it lasts and says what came out.</summary>
    public static PreparationResult Run(
        PreparationOptions options, Tokenizer tokenizer, TextWriter output, CancellationToken cancellation)
    {
        var encoder = new TokenEncoder(tokenizer.VocabSize, tokenizer.BosId, tokenizer.EosId, tokenizer.Hash, tokenizer.Encode);
        using var console = ProgressConsole.OnStandardOutput();
        var result = DataPreparation.Run(options, encoder, new ProgressReport(console), cancellation);
        Describe(result.Train.Bin, result.TrainMetadata, output);
        if (result is { Validation: { } files, ValidationMetadata: { } held })
            Describe(files.Bin, held, output);
        return result;
    }

    private static void Describe(string path, TokenFileMetadata data, TextWriter output) => output.WriteLine(
        $"{path}: {data.NumDocuments:N0} documents, {data.NumTokens:N0} tokens, {data.TextBytes:N0} bytes of text " +
        $"({(double)data.TextBytes / Math.Max(1, data.NumTokens):0.00} bytes a token)");

    private sealed class ProgressReport(ProgressConsole console) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => console.Show(
            (double)value.BytesRead / Math.Max(1, value.TotalBytes), $"{value.NumDocuments:N0} documents, {value.NumTokens:N0} tokens");
    }
}
