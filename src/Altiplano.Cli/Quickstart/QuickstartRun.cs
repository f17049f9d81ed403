using Altiplano.Cli.Configuration;
using Altiplano.Cli.Verbs;
using Altiplano.Data.Corpora;
using Altiplano.Data.Preparation;
using Altiplano.Data.Tokenizers;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Generation;
using Altiplano.Training.Interchange;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Display;
using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Loop.Ranks;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Quickstart;

/// <summary>From text to weights: corpus, tokenizer, token files, training, curve, exports, samples.</summary>
/// <param name="data">The user's text, or null for the API reference of the .NET SDK.</param>
internal sealed class QuickstartRun(QuickstartFiles files, QuickstartRecipe recipe, string? data, TextWriter output)
{
    private const int SampleTokens = 120;

    private readonly RunFolder _folder = new(files.Root);

    /// <returns>The exit status.</returns>
    public int Run(CancellationToken cancellation)
    {
        output.WriteLine(data is null ? "1. Text: the API reference of the .NET SDK" : $"1. Text: {data}");
        var validations = QuickstartCorpus.Write(files, data, output);
        var tokenizer = TrainTokenizer();
        PrepareData(tokenizer, validations, cancellation);
        var config = recipe.ToConfig(files, tokenizer.VocabSize, validations).Decided(Environment.ProcessorCount);
        ConfigException.ThrowIfAny(config.FindProblems());
        PrintSettings(config);
        using (var console = ProgressConsole.OnStandardOutput())
        {
            using var signals = new InterruptSignals();
            var status = TrainVerb.Train(config, RunWorld.Alone, console, signals);
            if (status != ExitCodes.Done)
                return status;
        }

        DrawCurve(validations);
        Export();
        WriteSamples();
        RunReport.Write(_folder, RunFile.ReadSettings(_folder.Config));
        SayWhatNow();
        return ExitCodes.Done;
    }

    private Tokenizer TrainTokenizer()
    {
        var texts = Corpus.Open([files.Text("train")]).Read().Select(part => part.Text);
        var tokenizer = BpeTrainer.Train(texts, QuickstartRecipe.VocabSize, Environment.ProcessorCount, orSmaller: true);
        HuggingFaceTokenizerJson.Write(tokenizer, files.Tokenizer);
        output.WriteLine($"2. Tokenizer: byte-level BPE of {tokenizer.VocabSize:N0} words");
        return tokenizer;
    }

    private void PrepareData(Tokenizer tokenizer, IReadOnlyList<string> validations, CancellationToken cancellation)
    {
        output.WriteLine("3. Token files");
        foreach (var part in validations.Prepend("train"))
        {
            var options = new PreparationOptions
            {
                Inputs = [files.Text(part)], Output = Path.ChangeExtension(files.Tokens(part), null),
            };
            output.Write("  ");
            DataVerb.Run(options, tokenizer, output, cancellation);
        }
    }

    private void PrintSettings(RunConfig config)
    {
        var model = config.Spec.Model.Architecture;
        output.WriteLine($"4. Training: {model.NumParameters / 1e6:0.0}M parameters, {config.TotalTokens.Value:N0} tokens; " +
            $"all settings, as {_folder.Config} keeps them:");
        foreach (var line in new RunFile(PresetFolder.Shipped()).Write(config).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            output.WriteLine($"    {line}");
    }

    private void DrawCurve(IReadOnlyList<string> validations)
    {
        var history = MetricsHistory.Load(_folder.Metrics);
        output.WriteLine();
        output.Write(TerminalChart.DrawLosses(history, width: 100, height: 16));
        foreach (var name in validations)
        {
            if (history[Metric.ValidationBitsPerByte(name)] is [.., var last])
                output.WriteLine($"{name}: {last.Value:0.000} bits a byte");
        }
    }

    private void Export()
    {
        output.WriteLine("5. Exports, each read back and compared");
        var engine = new Engine(Device.Cpu);
        using var source = ModelReader.Open(files.Root);
        (string Target, WeightType Type)[] exports =
        [
            (_folder.HuggingFaceExport, WeightType.BF16),
            (Path.Combine(_folder.GgufExport, "model-bf16.gguf"), WeightType.BF16),
            (Path.Combine(_folder.GgufExport, "model-q8_0.gguf"), WeightType.Q8_0),
        ];
        foreach (var (target, type) in exports)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            new ModelExport(type, "altiplano-quickstart", Overwrite: true).Write(engine, source, target);
            output.WriteLine($"  {target}");
        }
    }

    private void WriteSamples()
    {
        output.WriteLine("6. Samples");
        using var model = InferenceModel.Open(new Engine(Device.Cpu), files.Root, ScalarType.Float32);
        string[] prompts = data is null
            ? ["Gets or sets", "Returns a value that indicates whether", "The exception that is thrown when"]
            : [""];
        var samples = prompts.Select((prompt, i) => Sample(model, prompt, seed: i + 1)).ToList();
        GeneratedSample.Save(_folder.Samples, samples);
        foreach (var sample in samples)
            output.WriteLine($"  > {sample.Prompt}{sample.Text.ReplaceLineEndings("\n    ")}");
    }

    private static GeneratedSample Sample(InferenceModel model, string prompt, long seed)
    {
        var ids = Prompt.Encode(model.Tokenizer!, prompt);
        var capacity = Math.Min(model.Architecture.MaxPositionEmbeddings, ids.Count + SampleTokens);
        using var generator = new TextGenerator(model, capacity);
        generator.Append(ids);
        var sampler = new TokenSampler(new SamplingOptions { Temperature = 0.7, Seed = seed });
        return new GeneratedSample(prompt, model.Tokenizer!.Decode([.. generator.Continue(sampler, SampleTokens, model.StopIds)]));
    }

    private void SayWhatNow()
    {
        output.WriteLine($"7. Pictures: {_folder.Report}");
        output.WriteLine(
            $"Next: ./altiplano generate --model {files.Root} --prompt \"Gets the\"   " +
            $"or load {_folder.GgufExport}/model-q8_0.gguf in llama.cpp");
    }
}
