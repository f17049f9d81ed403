using System.Text.Json;
using Altiplano.Cli;
using Altiplano.Data.Tokenizers;
using Altiplano.Tests.Data.Tokenizers;
using Altiplano.Tests.Training.Generation;
using Altiplano.Tests.Training.Interchange;
using Altiplano.Tests.Training.Layers;
using Altiplano.Torch;
using Altiplano.Training.Generation;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Program;

/// <summary>score, generate, chat, import and export on models.</summary>
public sealed class ModelVerbTests : IDisposable
{
    private const string StoriesPrompt = "1,403,407,261,378";
    private static readonly double[] StoriesLogits = [-10.13658, -5.32946, -10.13809, -10.13686, -10.13721, -10.13833];

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("fp64", 1e-6)]
    [InlineData("fp32", 4e-5)]
    public void Score_TinyReference_GivesTheReferenceAsJson(string dtype, double tolerance)
    {
        var model = TinyFolder.WriteReference(_folder["tiny"]);

        using var json = Score(model, "1,5,9,2,7,30,12,3", "--dtype", dtype);

        json.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(["logprobs", "loss", "top_logits"]);
        var logprobs = json.RootElement.GetProperty("logprobs").EnumerateArray().Select(p => p.GetDouble()).ToList();
        logprobs.Count.ShouldBe(7);
        logprobs.Average().ShouldBe(-3.225127991907, tolerance);
        json.RootElement.GetProperty("loss").GetDouble().ShouldBe(3.225127991907, tolerance);
        var top = json.RootElement.GetProperty("top_logits").EnumerateArray().ToList();
        top.Count.ShouldBe(10);
        top.Select(t => t.GetProperty("logit").GetDouble()).ShouldBeInOrder(SortDirection.Descending);
        top.Single(t => t.GetProperty("id").GetInt32() == 31).GetProperty("logit").GetDouble().ShouldBe(1.792060601, tolerance);
        top.Single(t => t.GetProperty("id").GetInt32() == 3).GetProperty("logit").GetDouble().ShouldBe(1.432968791, tolerance);
    }

    [Fact]
    public void Score_OneToken_HasNoLoss()
    {
        using var json = Score(TinyFolder.WriteReference(_folder["tiny"]), "1");

        json.RootElement.GetProperty("logprobs").GetArrayLength().ShouldBe(0);
        json.RootElement.GetProperty("loss").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public void Score_Stories_HasTheReferenceLogits()
    {
        using var json = Score(TestAssets.Require("checkpoints/stories260k-hf"), StoriesPrompt);

        foreach (var top in json.RootElement.GetProperty("top_logits").EnumerateArray().Where(t => t.GetProperty("id").GetInt32() < 6))
            top.GetProperty("logit").GetDouble().ShouldBe(StoriesLogits[top.GetProperty("id").GetInt32()], 2e-5);
    }

    [Fact]
    public void Logits_Stories_AreTheReference()
    {
        using var model = InferenceModel.Open(TinyLlama.NewEngine(), TestAssets.Require("checkpoints/stories260k-hf"), ScalarType.Float32);
        using var logits_RV = model.Logits([1, 403, 407, 261, 378]);
        var last = HostValues.Read(model.Engine, logits_RV)[^512..];

        for (var id = 0; id < StoriesLogits.Length; id++)
            last[id].ShouldBe(StoriesLogits[id], 2e-5, $"logit {id}");
    }

    /// <summary>Our Hugging Face import, our GGUF export read by us, and the same read by llama.cpp.</summary>
    [Fact]
    public void Generate_Stories_ContinuesAsLlamaCppDoes()
    {
        var stories = TestAssets.Require("checkpoints/stories260k-hf");
        AltiplanoProgram.Run("export", stories, _folder["f32.gguf"], "--type", "f32").ShouldExitWith(ExitCodes.Done);

        var fromFolder = Greedy(stories);
        fromFolder.Length.ShouldBe(24);
        Greedy(_folder["f32.gguf"]).ShouldBe(fromFolder);
        LlamaCpp.Continue(_folder["f32.gguf"], [1, 403, 407, 261, 378], count: 24).Tokens.ShouldBe(fromFolder);
    }

    [Fact]
    public void Import_Gguf_IsTheFolderThatItWasMadeOf()
    {
        var model = TinyFolder.WriteReference(_folder["tiny"]);
        AltiplanoProgram.Run("export", model, _folder["m.gguf"], "--type", "f32").ShouldExitWith(ExitCodes.Done);
        AltiplanoProgram.Run("import", _folder["m.gguf"], _folder["back"]).ShouldExitWith(ExitCodes.Done);

        using var a = Score(model, "1,5,9,2");
        using var b = Score(_folder["back"], "1,5,9,2");
        b.RootElement.GetRawText().ShouldBe(a.RootElement.GetRawText());
    }

    [Fact]
    public void Export_TargetExists_IsRefusedUnlessAllowed()
    {
        var model = TinyFolder.WriteReference(_folder["tiny"]);
        AltiplanoProgram.Run("export", model, _folder["m.gguf"]).ShouldExitWith(ExitCodes.Done);

        AltiplanoProgram.Run("export", model, _folder["m.gguf"]).ShouldExitWith(ExitCodes.Usage).Error.ShouldContain(_folder["m.gguf"]);
        AltiplanoProgram.Run("export", model, _folder["m.gguf"], "--overwrite").ShouldExitWith(ExitCodes.Done);
    }

    [Fact]
    public void Chat_ModelWithoutFormat_IsRefused()
    {
        HuggingFaceTokenizerJson.Write(SharedTokenizers.Small, _folder["tokenizer.json"]);
        var model = TinyFolder.WriteRandom(
            _folder["m"], TinyModel.Architecture with { VocabSize = 400 }, new ExportOptions { TokenizerFiles = [_folder["tokenizer.json"]] });

        AltiplanoProgram.Run("chat", "--model", model).ShouldExitWith(ExitCodes.Usage).Error.ShouldBe(
            $"error: {model} has no chat format: its tokenizer has no tokens for the headers and ends of turns. Use generate, or a model tuned for dialog.\n");
    }

    [Fact]
    public void Chat_ModelWithoutTokenizer_IsRefused() =>
        AltiplanoProgram.Run("chat", "--model", TinyFolder.WriteReference(_folder["tiny"])).ShouldExitWith(ExitCodes.Usage).Error
            .ShouldContain("has no tokenizer, so text means nothing to it");

    /// <summary>Random weights write random bytes: the second turn must not depend on their text being read back to the same tokens.</summary>
    [Fact]
    public void Chat_ModelWithFormat_AnswersTurnAfterTurn()
    {
        string[] specials = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"];
        var tokenizer = BpeTrainer.Train(SharedTokenizers.SmallTexts(), 400, threads: 1, specials);
        HuggingFaceTokenizerJson.Write(tokenizer, _folder["tokenizer.json"]);
        var model = TinyFolder.WriteRandom(
            _folder["m"], TinyModel.Architecture with { VocabSize = 400 }, new ExportOptions { TokenizerFiles = [_folder["tokenizer.json"]] });

        using var program = AltiplanoProgram.Start("chat", "--model", model, "-n", "8", "--system", "Be brief.").Type("tensor", "step", "");

        program.ReadToEnd().ShouldExitWith(ExitCodes.Done).Output.Split("> ").Length.ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public void Chat_Llama3Tokenizer_AnswersATurn()
    {
        HuggingFaceTokenizerJson.Write(SharedTokenizers.Llama3, _folder["tokenizer.json"]);
        var architecture = TinyModel.Architecture with { VocabSize = SharedTokenizers.Llama3.VocabSize, HiddenSize = 32, HeadDim = 8 };
        var options = new ExportOptions { TokenizerFiles = [_folder["tokenizer.json"]] };
        var model = TinyFolder.WriteRandom(_folder["m"], architecture, options);

        using var program = AltiplanoProgram.Start("chat", "--model", model, "-n", "5").Type("Hello there", "");

        program.ReadToEnd().ShouldExitWith(ExitCodes.Done).Output.ShouldStartWith("> ");
    }

    [Fact]
    public void Generate_PromptLongerThanTheContext_GivesBothNumbers() =>
        AltiplanoProgram.Run("generate", "--model", TinyFolder.WriteRandom(_folder["m"], TinyModel.Architecture), "--tokens", string.Join(',', Enumerable.Repeat(7, 129)))
            .ShouldExitWith(ExitCodes.Usage).Error
            .ShouldBe("error: 129 tokens are wanted, but the model's max_position_embeddings is 128. Use that many or fewer.\n");

    [Fact]
    public void Generate_NegativeNumberOfTokens_IsRefused() =>
        AltiplanoProgram.Run("generate", "--model", TinyFolder.WriteReference(_folder["tiny"]), "--tokens", "1", "-n", "-1")
            .ShouldExitWith(ExitCodes.Usage).Error.ShouldContain("--max-tokens is -1, but it counts tokens. Use 0 or more.");

    [Fact]
    public void Generate_SameSeed_WritesTheSame()
    {
        var model = TinyFolder.WriteReference(_folder["tiny"]);
        string[] arguments = ["generate", "--model", model, "--tokens", "1,5", "-n", "20", "--temperature", "1.5", "--json", "--seed"];

        var first = AltiplanoProgram.Run([.. arguments, "3"]).ShouldExitWith(ExitCodes.Done).Output;

        AltiplanoProgram.Run([.. arguments, "3"]).Output.ShouldBe(first);
        AltiplanoProgram.Run([.. arguments, "4"]).Output.ShouldNotBe(first);
    }

    public void Dispose() => _folder.Dispose();

    private static JsonDocument Score(string model, string tokens, params string[] more) => JsonDocument.Parse(
        AltiplanoProgram.Run(["score", "--model", model, "--tokens", tokens, "--json", .. more]).ShouldExitWith(ExitCodes.Done).Output);

    private static int[] Greedy(string model)
    {
        var result = AltiplanoProgram.Run("generate", "--model", model, "--tokens", StoriesPrompt, "-n", "24", "--temperature", "0", "--json");
        using var json = JsonDocument.Parse(result.ShouldExitWith(ExitCodes.Done).Output);
        return [.. json.RootElement.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32())];
    }
}
