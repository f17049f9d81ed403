using System.CommandLine;
using Altiplano.Data.Corpora;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Cli.Verbs;

/// <summary><c>tokenizer train</c>.</summary>
internal static class TokenizerVerb
{
    public static Command Create() => new("tokenizer", "Makes tokenizers.") { Train() };

    private static Command Train()
    {
        var inputs = new Argument<string[]>("INPUT")
        {
            Description = "Files or folders of text, as `data prepare` takes them.", Arity = ArgumentArity.OneOrMore,
        };
        var size = new Option<int>("--vocab-size")
        {
            Description = "Ids in all: 256 bytes, merges, two special tokens.", DefaultValueFactory = _ => 4096,
        }.AtLeast(BpeTrainer.LeastVocabSize, "has room for 256 bytes and 2 special tokens");
        var output = new Option<string>("--output")
        {
            Description = "Path of the tokenizer.json to write.", DefaultValueFactory = _ => "tokenizer.json",
        };
        var command = new Command("train", "Learns a byte-level BPE and writes it as a Hugging Face tokenizer.json.")
        {
            inputs, size, output,
        };
        command.SetAction(arguments =>
        {
            var parts = Corpus.Open(arguments.GetRequiredValue(inputs)).Read();
            var tokenizer = BpeTrainer.Train(parts.Select(part => part.Text), arguments.GetValue(size), Environment.ProcessorCount);
            HuggingFaceTokenizerJson.Write(tokenizer, arguments.GetRequiredValue(output));
            arguments.InvocationConfiguration.Output.WriteLine(
                $"{arguments.GetRequiredValue(output)}: {tokenizer.VocabSize:N0} ids, {tokenizer.Hash}");
            return ExitCodes.Done;
        });
        return command;
    }
}
