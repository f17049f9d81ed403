using System.CommandLine;
using Altiplano.Data.Tokenizers;
using Altiplano.Torch;
using Altiplano.Training.Generation;
using Altiplano.Training.Interchange;

namespace Altiplano.Cli.Verbs;

/// <summary>A model to be asked, as every verb that asks one takes it.</summary>
internal sealed class ModelArguments
{
    private readonly Option<string> _model = new("--model", "-m")
    {
        Description = "A Hugging Face folder, a GGUF file, a checkpoint, or a run folder (its newest checkpoint).", Required = true,
    };

    private readonly Option<int?> _threads = new Option<int?>("--threads")
    {
        Description = "Threads of tensor arithmetic; one per core unless given.",
    }.AtLeast(1, "counts threads");

    private readonly Option<string> _dtype = new Option<string>("--dtype")
    {
        Description = "Precision of the arithmetic.", DefaultValueFactory = _ => "fp32",
    }.AcceptOnlyFromAmong("fp32", "fp64");

    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_dtype);
        command.Add(_threads);
    }

    public string Path(ParseResult arguments) => arguments.GetRequiredValue(_model);

    /// <exception cref="ConfigException">The path is no model.</exception>
    public InferenceModel Open(ParseResult arguments)
    {
        Libtorch.Load(arguments.GetValue(_threads));
        var type = arguments.GetRequiredValue(_dtype) == "fp64" ? ScalarType.Float64 : ScalarType.Float32;
        using var source = OpenSource(Path(arguments), arguments.InvocationConfiguration.Error);
        return new InferenceModel(new Engine(Device.Cpu), source, type);
    }

    /// <summary>Opens a model and says what is worth telling about the choice of its checkpoint.</summary>
    /// <exception cref="ConfigException">The path is no model.</exception>
    public static OpenedModel OpenSource(string path, TextWriter error)
    {
        var source = ModelReader.Open(path);
        if (source.Warning is { } warning)
            error.WriteLine($"warning: {warning}");
        return source;
    }

    /// <exception cref="ConfigException">The model has none.</exception>
    public static Tokenizer RequireTokenizer(InferenceModel model, string path) => model.Tokenizer
        ?? throw new ConfigException(
            $"{path} has no tokenizer, so text means nothing to it. Give token ids with --tokens, or put tokenizer.json beside it.");

    /// <summary>Token ids as people write them: <c>1,5,9</c>.</summary>
    /// <exception cref="ConfigException">A part is no number.</exception>
    public static List<int> ParseTokens(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
        int.TryParse(part, out var id)
            ? id
            : throw new ConfigException($"--tokens has \"{part}\", which is no token id. Write them as 1,5,9."))];
}
