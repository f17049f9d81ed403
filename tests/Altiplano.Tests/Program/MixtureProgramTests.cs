using Altiplano.Cli;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Program;

/// <summary><c>train</c> of a mixture of experts from its run file, and what can be done with what it writes.</summary>
public sealed class MixtureProgramTests : IDisposable
{
    private const string Model =
        "{name: mixture, vocab_size: 96, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 4, " +
        "num_key_value_heads: 2, max_position_embeddings: 64, use_qk_norm: true, " +
        "mixture: {num_experts: 4, top_k: 1, expert_intermediate_size: 24, shared_intermediate_size: 24}, " +
        "window: {tokens: 16, full_every: 2, chunked: true}}";

    private readonly TempFolder _folder = new();
    private readonly TinyRun _run;

    public MixtureProgramTests() => _run = new TinyRun(_folder, Model, steps: 10);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_MixtureOnEp_ResumesAloneAndCanBeAskedButNotExported()
    {
        _run.Train("mixture", "--in-process", "--set", "mesh={dp_shard: 2, ep: 2}", "--set", "run.threads=1", "--set", "run.steps=7")
            .ShouldExitWith(ExitCodes.Done).Output.ShouldContain("dp_shard 2 x cp 1 x tp 1, ep 2 of dp_shard x cp; 1 threads");

        _run.Train("mixture").ShouldExitWith(ExitCodes.Done).Output.ShouldContain("resuming after step 7 ");

        var folder = _run.Folder("mixture");
        TinyRun.Numbers(folder, "train/loss").Length.ShouldBe(10);
        File.Exists(folder.Report).ShouldBeTrue();
        AltiplanoProgram.Run("checkpoint", "verify", folder.Root).ShouldExitWith(ExitCodes.Done).Output.ShouldContain("every checksum agrees");
        AltiplanoProgram.Run("score", "--model", folder.Root, "--tokens", "1,2,3").ShouldExitWith(ExitCodes.Done);
        AltiplanoProgram.Run("generate", "--model", folder.Root, "--tokens", "1,2,3", "--max-tokens", "20").ShouldExitWith(ExitCodes.Done);
        AltiplanoProgram.Run("export", folder.Root, _folder["hf"]).ShouldExitWith(ExitCodes.Usage).Error.ShouldContain(
            "the model is a Llama 4, and exports are of dense Llamas. Its checkpoint has the weights under Hugging Face's names.");
    }
}
