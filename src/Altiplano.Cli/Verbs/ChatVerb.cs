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
        var context = new Option<int>("--context")
        {
            Description = "Tokens of the whole dialog at most; memory is set aside for them.", DefaultValueFactory = _ => 8192,
        }.AtLeast(1, "counts tokens");
        var command = new Command("chat", "Talks with a model that was trained to: one line a turn, an empty line ends.")
        {
            system, max, context,
        };
        model.AddTo(command);
        sampling.AddTo(command);
        command.SetAction(arguments =>
        {
            using var opened = model.Open(arguments);
            var path = model.Path(arguments);
            var tokenizer = ModelArguments.RequireTokenizer(opened, path);
            var format = ChatFormat.For(tokenizer) ?? throw new ConfigException(
                $"{path} has no chat format: its tokenizer has no tokens for the headers and ends of turns. " +
                "Use generate, or a model tuned for dialog.");
            var sampler = new TokenSampler(sampling.Read(arguments));
            var capacity = Math.Min(arguments.GetValue(context), opened.Architecture.MaxPositionEmbeddings);
            using var generator = new TextGenerator(opened, capacity);
            var dialog = new Dialog(
                generator, format, sampler, arguments.GetValue(max), tokenizer, arguments.InvocationConfiguration.Output);
            dialog.Run(arguments.GetValue(system));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>One dialog; the generator's cache holds all that was said, the answers as the model drew them.</summary>
    private sealed class Dialog(
        TextGenerator generator, ChatFormat format, TokenSampler sampler, int maxTokens, Tokenizer tokenizer, TextWriter output)
    {
        public void Run(string? system)
        {
            while (ReadTurn() is { } turn)
            {
                var message = new ChatMessage("user", turn);
                generator.Append(generator.Count > 0
                    ? format.EncodeNextTurn(message)
                    : format.EncodePrompt(system is null ? [message] : [new ChatMessage("system", system), message]));
                WriteAnswer();
            }
        }

        private string? ReadTurn()
        {
            output.Write("> ");
            output.Flush();
            return Console.In.ReadLine() is { Length: > 0 } line ? line : null;
        }

        private void WriteAnswer()
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
}
