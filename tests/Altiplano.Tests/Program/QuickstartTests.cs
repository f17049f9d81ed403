using Altiplano.Cli;
using Altiplano.Cli.Configuration;
using Altiplano.Tests.Training.Interchange;

namespace Altiplano.Tests.Program;

/// <summary>The quick start in miniature, on text made up here.</summary>
public sealed class QuickstartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Quickstart_OwnText_LeavesEverythingThatItPromises()
    {
        var result = AltiplanoProgram.Run("quickstart", "--tokens", "20000", "--data", WriteText(), "--out", _folder["run"]).ShouldExitWith(ExitCodes.Done);

        string[] files =
        [
            "config.yaml", "env.json", "metrics.jsonl", "events.jsonl", "samples.json", "report.html", "tokenizer.json", "checkpoints/latest",
            "export/hf/config.json", "export/hf/generation_config.json", "export/hf/tokenizer.json", "export/hf/tokenizer_config.json",
            "export/hf/model.safetensors", "export/gguf/model-bf16.gguf", "export/gguf/model-q8_0.gguf",
        ];
        foreach (var file in files)
            new FileInfo(_folder[$"run/{file}"]).Length.ShouldBeGreaterThan(0, file);
        Directory.GetFiles(_folder["run/tb"]).ShouldNotBeEmpty();
        var steps = RunFile.ReadSettings(_folder["run/config.yaml"]).Single(setting => setting.Key == "run.steps").Value;
        File.ReadAllLines(_folder["run/metrics.jsonl"]).Length.ShouldBe(int.Parse(steps));
        File.ReadAllLines(_folder["run/metrics.jsonl"])[^1].ShouldContain("\"val/bpb\":");
        File.ReadAllText(_folder["run/report.html"]).ShouldNotContain("http");
        result.Output.ShouldContain("bzip2 -9 needs ");
        result.Output.ShouldContain("bits a byte");
        result.Output.ShouldContain("lr_schedule: ");
        result.Output.ShouldContain("6. Samples");
    }

    [Fact]
    public void Quickstart_ItsExports_ArePlayableByTheProgramAndByLlamaCpp()
    {
        AltiplanoProgram.Run("quickstart", "--tokens", "4096", "--data", WriteText(), "--out", _folder["run"]).ShouldExitWith(ExitCodes.Done);

        var latest = $"checkpoints/{File.ReadAllText(_folder["run/checkpoints/latest"]).Trim()}";
        foreach (var model in new[] { "export/hf", "export/gguf/model-bf16.gguf", "export/gguf/model-q8_0.gguf", "", latest })
        {
            AltiplanoProgram.Run("generate", "--model", _folder[$"run/{model}"], "--prompt", "count", "-n", "4").ShouldExitWith(ExitCodes.Done)
                .Output.ShouldStartWith("count");
        }

        LlamaCpp.Continue(_folder["run/export/gguf/model-bf16.gguf"], [5, 6, 7], count: 4).Tokens.Length.ShouldBe(4);
    }

    [Fact]
    public void Quickstart_NoTokens_IsRefused() => AltiplanoProgram.Run("quickstart", "--tokens", "0", "--out", _folder["run"])
        .ShouldExitWith(ExitCodes.Usage).Error.ShouldStartWith("error: --tokens is 0, but it counts the tokens of a run. Use 1 or more.");

    [Fact]
    public void Quickstart_DataThatDoesNotExist_IsNamed()
    {
        var result = AltiplanoProgram.Run("quickstart", "--data", _folder["nothing.txt"], "--out", _folder["run"]);

        result.ShouldExitWith(ExitCodes.Failed).Error.ShouldBe($"error: {_folder["nothing.txt"]} does not exist.\n");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Sentences of few words, 300 kB.</summary>
    private string WriteText()
    {
        var random = new Random(1);
        string[] names = ["count", "value", "stream", "buffer", "thread", "weight"];
        string[] verbs = ["returns", "sets", "clears", "reads", "doubles"];
        var sentences = Enumerable.Range(0, 9000).Select(i =>
            $"{names[random.Next(6)]} {verbs[random.Next(5)]} the {names[random.Next(6)]} of {names[random.Next(6)]} {random.Next(100)}.");
        return _folder.Write("text.txt", string.Join('\n', sentences));
    }
}
