using Altiplano.Planning.Architecture;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Quickstart;

/// <summary>The run that the quick start derives: a 6.5M-parameter Llama that two cores train on 2M tokens in some minutes.</summary>
/// <param name="Tokens">Training tokens: the one dial; the rest follows.</param>
internal sealed record QuickstartRecipe(long Tokens)
{
    public const long DefaultTokens = 2_000_000;
    public const int VocabSize = 4096;

    /// <summary>
    /// Short windows put more different text into a step: after 1M of the 2M tokens 1.293 and 0.990 bits a byte on the two held-out
    /// texts, where windows of 256 had 1.345 and 1.064.
    /// </summary>
    private const int SeqLen = 128;

    private const int BatchTokens = 1024;

    public RunConfig ToConfig(QuickstartFiles files, int vocabSize, IReadOnlyList<string> validations) => new()
    {
        Spec = new RunSpec
        {
            Model = new ModelSpec { Name = "quickstart", Architecture = Model(vocabSize) },
            Batch = new BatchSpec { GlobalBatchTokens = new TokenCount(BatchTokens), SeqLen = SeqLen },
        },
        Data = new DataConfig
        {
            Train = [new DataSource(files.Tokens("train"))],
            Val = [.. validations.Select(name => new ValidationSource(name, files.Tokens(name)))],
            Tokenizer = files.Tokenizer,
        },
        Optimizer = new OptimizerConfig
        {
            Lr = 2e-3, MinLr = 0, WarmupSteps = (int)Math.Min(100, Steps / 10), LrSchedule = LrSchedule.Linear, Betas = new AdamBetas(0.9, 0.99),
        },
        Run = new RunSection
        {
            Steps = (int)Steps, ValidateEvery = (int)((Steps + 3) / 4), CheckpointEvery = (int)((Steps + 3) / 4), LogEvery = 20,
            Out = files.Root,
        },
    };

    private long Steps => (Tokens + BatchTokens - 1) / BatchTokens;

    private static LlamaArchitecture Model(int vocabSize) => new()
    {
        VocabSize = vocabSize, HiddenSize = 256, IntermediateSize = 704, NumLayers = 6, NumAttentionHeads = 4, NumKeyValueHeads = 2,
        MaxPositionEmbeddings = SeqLen, RopeTheta = 10_000,
    };
}
