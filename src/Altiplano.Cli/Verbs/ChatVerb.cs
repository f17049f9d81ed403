using System.CommandLine;
using Altiplano.Data.Tokenizers;
using Altiplano.Training.Generation;

namespace Altiplano.Cli.Verbs;

/// <summary><c>chat</c>: a dialog, line by line.</summary>
internal static class ChatVerb
{
    public static Command Create()
    {
        var model = new ModelArguments();
        var sampling = new SamplingArguments();
        var system = new Option<string?>("--system") { Description = "What the model is told before the dialog." };
        var max = SamplingArguments.MaxTokens("Tokens of one answer at most.", 512);
        var command = new Command("chat", "Talks with a model that was trained to: one line a turn, an empty line ends.") { system, max };
        model.AddTo(command);
        sampling.AddTo(command);
        command.SetAction(arguments =>
        {
            using var opened = model.Open(arguments);
            var path = model.Path(arguments);
            var tokenizer = ModelArguments.RequireTokenizer(opened, path);
            var format = ChatFormat.For(tokenizer) ?? throw new ConfigException(
                $"{path} has no chat format: its tokenizer has no tokens for the headers and ends of turns. Use generate, or a model tuned for dialog.");
            var sampler = new TokenSampler(sampling.Read(arguments));
            Talk(opened, tokenizer, format, sampler, arguments.GetValue(system), arguments.GetValue(max), arguments.InvocationConfiguration.Output);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Talk(
        InferenceModel model, Tokenizer tokenizer, ChatFormat format, TokenSampler sampler, string? system, int maxTokens, TextWriter output)
    {
        using var generator = new TextGenerator(model, model.Architecture.MaxPositionEmbeddings);
        IEnumerable<ChatMessage> beginning = system is null ? [] : [new ChatMessage("system", system)];
        while (ReadTurn(output) is { } turn)
        {
            var message = new ChatMessage("user", turn);
            generator.Append(generator.Count == 0 ? format.EncodePrompt([.. beginning, message]) : format.EncodeNextTurn(message));
            Answer(generator, sampler, maxTokens, format, tokenizer, output);
        }
    }

    private static string? ReadTurn(TextWriter output)
    {
        output.Write("> ");
        output.Flush();
        return Console.In.ReadLine() is { Length: > 0 } line ? line : null;
    }

    private static void Answer(
        TextGenerator generator, TokenSampler sampler, int maxTokens, ChatFormat format, Tokenizer tokenizer, TextWriter output)
    {
        var stream = new Utf8Stream(tokenizer);
        foreach (var token in generator.Continue(sampler, maxTokens, format.StopIds))
        {
            output.Write(stream.Append(token));
            output.Flush();
        }

        output.WriteLine();
    }
}
