using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Training.Generation;

namespace Altiplano.Cli.Verbs;

/// <summary><c>generate</c>: lets a model go on with a text.</summary>
internal static class GenerateVerb
{
    public static Command Create()
    {
        var model = new ModelArguments();
        var sampling = new SamplingArguments();
        var prompt = new Option<string?>("--prompt", "-p") { Description = "Text to go on with; empty unless given." };
        var tokens = new Option<string?>("--tokens") { Description = "Token ids instead of a text: 1,5,9." };
        var max = SamplingArguments.MaxTokens("Tokens written at most.", 200);
        var asJson = new Option<bool>("--json")
        {
            Description = "Prints one JSON object with the new token ids, and the text where there is a tokenizer.",
        };
        var command = new Command("generate", "Continues a text, or a sequence of token ids.") { prompt, tokens, max, asJson };
        model.AddTo(command);
        sampling.AddTo(command);
        command.SetAction(arguments =>
        {
            using var opened = model.Open(arguments);
            var ids = arguments.GetValue(tokens) is { } given
                ? ModelArguments.ParseTokens(given)
                : Prompt.Encode(ModelArguments.RequireTokenizer(opened, model.Path(arguments)), arguments.GetValue(prompt) ?? "");
            var limit = Math.Min(arguments.GetValue(max), opened.Architecture.MaxPositionEmbeddings - ids.Count);
            using var generator = new TextGenerator(opened, Math.Max(ids.Count + limit, 1));
            generator.Append(ids);
            var continuation = generator.Continue(new TokenSampler(sampling.Read(arguments)), limit, opened.StopIds);
            Write(continuation, opened, ids, arguments.GetValue(asJson), arguments.InvocationConfiguration.Output);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(IEnumerable<int> continuation, InferenceModel model, List<int> prompt, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            int[] ids = [.. continuation];
            var generated = new Generated(ids, model.Tokenizer?.Decode(ids));
            output.WriteLine(JsonSerializer.Serialize(generated, GeneratedJson.Default.Generated));
        }
        else if (model.Tokenizer is { } tokenizer)
        {
            var stream = new Utf8Stream(tokenizer);
            foreach (var id in prompt.Concat(continuation))
            {
                output.Write(stream.Append(id));
                output.Flush();
            }

            output.WriteLine();
        }
        else
        {
            output.WriteLine(string.Join(",", continuation));
        }
    }
}

internal sealed record Generated(IReadOnlyList<int> Tokens, string? Text);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Generated))]
internal sealed partial class GeneratedJson : JsonSerializerContext;
