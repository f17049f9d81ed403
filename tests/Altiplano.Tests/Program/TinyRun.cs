using System.Text.Json;
using Altiplano.Tests.Data.TokenFiles;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Program;

/// <summary>A run file of a tiny model and its data, in a folder: some milliseconds a step.</summary>
internal sealed class TinyRun
{
    public const int Steps = 60;
    public const int VocabSize = 96;

    public const string Model =
        "{name: tiny, vocab_size: 96, hidden_size: 64, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4, " +
        "num_key_value_heads: 2, max_position_embeddings: 64}";

    private readonly TempFolder _folder;

    public TinyRun(TempFolder folder, string model = Model, int steps = Steps)
    {
        _folder = folder;
        var random = new Random(3);
        SampleTokenFiles.Write(folder["tokens"], VocabSize, [.. Enumerable.Range(0, 60).Select(_ => Document(random))]);
        File = folder.Write("run.yaml", $$"""
            model: {{model}}
            data: {train: tokens, val: tokens, max_val_tokens: 256}
            batch: {global_batch_tokens: 1024, seq_len: 64, micro_batch_size: 4}
            optimizer: {lr: 1e-2, warmup_steps: 5}
            run: {steps: {{steps}}, checkpoint_every: 7, validate_every: 20, log_every: 1, threads: 2, out: out}
            """);
    }

    public string File { get; }

    /// <summary>The run folder of that name, beside the run file.</summary>
    public RunFolder Folder(string name = "out") => new(_folder[name]);

    public string[] Arguments(string name, params string[] more) => ["train", File, "--set", $"run.out={_folder[name]}", .. more];

    public ProgramResult Train(string name = "out", params string[] more) => AltiplanoProgram.Run(Arguments(name, more));

    public RunningProgram Start(string name) => AltiplanoProgram.Start(Arguments(name));

    /// <summary>What must repeat: each step's loss, gradient norm, learning rate and validation, as the very characters of the file.</summary>
    public static IReadOnlyList<string> Losses(RunFolder folder)
    {
        string[] keys = ["step", "tokens_seen", "train/loss", "grad_norm", "lr", "val/loss"];
        return [.. System.IO.File.ReadLines(folder.Metrics).Select(line => string.Join(' ', keys.Select(key => Text(line, key))))];
    }

    /// <summary>One number of every step.</summary>
    public static double[] Numbers(RunFolder folder, string key) =>
        [.. System.IO.File.ReadLines(folder.Metrics).Select(line => double.Parse(Text(line, key)))];

    public static IReadOnlyList<string> Events(RunFolder folder) =>
        [.. System.IO.File.ReadLines(folder.Events).Select(line => Text(line, "event").Trim('"'))];

    /// <summary>Asserts that two runs ended with the same bits of weights and moments, and went the same way.</summary>
    public static void ShouldBeIdentical(RunFolder actual, RunFolder expected)
    {
        Losses(actual).ShouldBe(Losses(expected));
        var files = Directory.GetFiles(expected.Checkpoint(Steps), "*.safetensors");
        files.Length.ShouldBe(2);
        foreach (var file in files)
        {
            var other = Path.Combine(actual.Checkpoint(Steps), Path.GetFileName(file));
            System.IO.File.ReadAllBytes(other).AsSpan().SequenceEqual(System.IO.File.ReadAllBytes(file)).ShouldBeTrue($"{other} has other bytes than {file}");
        }

        CheckpointStore.Verify(actual.Checkpoint(Steps)).ShouldBeEmpty();
    }

    private static string Text(string line, string key)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.TryGetProperty(key, out var value) ? value.GetRawText() : "-";
    }

    /// <summary>Counting with a stride, so that there is something to learn.</summary>
    private static int[] Document(Random random)
    {
        var (start, stride) = (random.Next(VocabSize), random.Next(1, 5));
        return [.. Enumerable.Range(0, random.Next(20, 90)).Select(i => (start + stride * i) % VocabSize)];
    }
}
