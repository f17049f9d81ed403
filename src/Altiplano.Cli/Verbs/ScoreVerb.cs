using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Torch.Operators;
using Altiplano.Training.Generation;

namespace Altiplano.Cli.Verbs;

/// <summary><c>score</c>: how likely a model finds a sequence.</summary>
internal static class ScoreVerb
{
    private const int NumTopLogits = 10;

    public static Command Create()
    {
        var model = new ModelArguments();
        var tokens = new Option<string?>("--tokens") { Description = "Token ids: 1,5,9." };
        var text = new Option<string?>("--text") { Description = "Text instead of token ids; begin of text is put in front." };
        var asJson = new Option<bool>("--json") { Description = "Prints one JSON object." };
        var command = new Command(
            "score", "Prints the log probability of each token given those before it, and the likeliest next tokens.")
        {
            tokens, text, asJson,
        };
        model.AddTo(command);
        command.SetAction(arguments =>
        {
            using var opened = model.Open(arguments);
            var ids = ReadTokens(arguments.GetValue(tokens), arguments.GetValue(text), opened, model.Path(arguments));
            var score = Compute(opened, ids);
            var output = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(asJson))
                output.WriteLine(JsonSerializer.Serialize(score, ScoreJson.Default.Score));
            else
                Write(score, ids, opened, output);
            return ExitCodes.Done;
        });
        return command;
    }

    private static List<int> ReadTokens(string? tokens, string? text, InferenceModel model, string path) => (tokens, text) switch
    {
        ({ } ids, null) => ModelArguments.ParseTokens(ids),
        (null, { } words) => Prompt.Encode(ModelArguments.RequireTokenizer(model, path), words),
        _ => throw new ConfigException("Give either --tokens or --text."),
    };

    private static Score Compute(InferenceModel model, List<int> ids)
    {
        using var logits_RV = model.Logits(ids);
        using var last_1V = logits_RV.Rows(ids.Count - 1, 1);
        var last = model.Engine.ReadDoubles(last_1V);
        var losses = model.Losses(ids);
        var top = last.Select((logit, id) => new TokenLogit(id, logit))
            .OrderByDescending(t => t.Logit).ThenBy(t => t.Id).Take(NumTopLogits);
        return new Score([.. losses.Select(loss => -loss)], losses.Length == 0 ? null : losses.Average(), [.. top]);
    }

    private static void Write(Score score, List<int> ids, InferenceModel model, TextWriter output)
    {
        for (var i = 0; i < score.Logprobs.Count; i++)
            output.WriteLine($"{ids[i + 1],7}  {score.Logprobs[i],10:0.0000}  {Show(ids[i + 1])}");
        if (score.Loss is { } loss)
            output.WriteLine($"loss {loss:0.0000} nats a token, perplexity {Math.Exp(loss):0.00}");
        output.WriteLine("next:");
        foreach (var top in score.TopLogits)
            output.WriteLine($"{top.Id,7}  {top.Logit,10:0.0000}  {Show(top.Id)}");

        string Show(int id) => model.Tokenizer is null ? "" : JsonEncodedText.Encode(model.Tokenizer.Decode([id])).ToString();
    }
}

/// <param name="Logprobs">log p(token i + 1 | tokens to i), in nats.</param>
/// <param name="Loss">Their mean, negated; null for a single token.</param>
/// <param name="TopLogits">Of the last position, largest first.</param>
internal sealed record Score(IReadOnlyList<double> Logprobs, double? Loss, IReadOnlyList<TokenLogit> TopLogits);

internal sealed record TokenLogit(int Id, double Logit);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Score))]
internal sealed partial class ScoreJson : JsonSerializerContext;
