using Altiplano.Planning.Architecture;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Configuration;

/// <summary>Every key of a run file, in the order in which it is written.</summary>
internal static class RunSections
{
    /// <summary>
    /// The values of keys that a file does not give. Required ones are placeholders that no reading lets through.
    /// </summary>
    public static RunConfig Defaults { get; } = new()
    {
        Spec = new RunSpec
        {
            Model = new ModelSpec { Name = "", Architecture = ModelSection.Blank.Llama },
            Batch = new BatchSpec { GlobalBatchTokens = default, SeqLen = 0 },
        },
        Data = new DataConfig { Train = [] },
        Run = new RunSection { Out = "" },
    };

    private static Section<DataConfig> Data { get; } = new Section<DataConfig>()
        .Add("train", new DataSourcesFormat(), d => d.Train, (d, v) => d with { Train = v },
            "Token files made by `data prepare`, mixed by weight.", isRequired: true)
        .Add("val", new ValidationSourcesFormat(), d => d.Val, (d, v) => d with { Val = v },
            "Token files held out; the names head their metrics (val/loss, val/bpb).")
        .Add("max_val_tokens", new OptionalFormat<TokenCount>(YamlFormats.Tokens), d => d.MaxValTokens,
            (d, v) => d with { MaxValTokens = v }, "Tokens read of each held-out file at each validation; all unless given.")
        .Add("tokenizer", new OptionalPathFormat(), d => d.Tokenizer, (d, v) => d with { Tokenizer = v },
            "The tokenizer that made the token files; its hash must be theirs.")
        .Add("shuffle", YamlFormats.Boolean, d => d.Shuffle, (d, v) => d with { Shuffle = v },
            "False reads samples in file order.")
        .Add("document_mask", YamlFormats.Boolean, d => d.DocumentMask, (d, v) => d with { DocumentMask = v },
            "True keeps attention within each document of a packed sequence.");

    private static Section<OptimizerConfig> Optimizer { get; } = new Section<OptimizerConfig>()
        .Add("lr", Positive, o => o.Lr, (o, v) => o with { Lr = v }, "Peak learning rate.")
        .Add("min_lr", ZeroOrMore, o => o.MinLr, (o, v) => o with { MinLr = v }, "Learning rate of the last step.")
        .Add("warmup_steps", YamlFormats.Integer(0), o => o.WarmupSteps, (o, v) => o with { WarmupSteps = v },
            "Steps of the straight rise to lr.")
        .Add("lr_schedule",
            YamlFormats.OneOf(("cosine", LrSchedule.Cosine), ("linear", LrSchedule.Linear), ("wsd", LrSchedule.Wsd)),
            o => o.LrSchedule, (o, v) => o with { LrSchedule = v },
            "Fall to min_lr: half a cosine, a straight line, or (wsd) a straight line over the last decay_steps.")
        .Add("decay_steps", YamlFormats.Integer(0).OrAuto(), o => o.DecaySteps, (o, v) => o with { DecaySteps = v },
            "Steps of the fall of wsd; auto is a tenth of the run.")
        .Add("weight_decay", ZeroOrMore, o => o.WeightDecay, (o, v) => o with { WeightDecay = v },
            "Decoupled decay of matrices; norms have none.")
        .Add("betas", new BetasFormat(), o => o.Betas, (o, v) => o with { Betas = v },
            "Decay rates of Adam's mean and mean square.")
        .Add("eps", Positive, o => o.Eps, (o, v) => o with { Eps = v }, "Added to the root of the mean square.")
        .Add("max_grad_norm", Positive, o => o.MaxGradNorm, (o, v) => o with { MaxGradNorm = v },
            "Larger gradients are scaled down to this global norm; .inf never clips.")
        .Check((o, path) => o.FindProblems(path));

    private static Section<RunSection> Run(bool isPlanned) => new Section<RunSection>()
        .Add("steps", new OptionalFormat<int>(YamlFormats.Integer(1)), r => r.Steps, (r, v) => r with { Steps = v },
            "Optimizer steps; give this or tokens.")
        .Add("tokens", new OptionalFormat<TokenCount>(YamlFormats.Tokens), r => r.Tokens, (r, v) => r with { Tokens = v },
            "Training tokens, rounded up to whole steps; give this or steps.")
        .Add("seed", YamlFormats.LongInteger(0), r => r.Seed, (r, v) => r with { Seed = v },
            "Decides initial weights and sample order.")
        .Add("validate_every", YamlFormats.Integer(1), r => r.ValidateEvery, (r, v) => r with { ValidateEvery = v },
            "Steps between validations; one more comes after the last step.")
        .Add("checkpoint_every", YamlFormats.Integer(1).OrAuto(), r => r.CheckpointEvery,
            (r, v) => r with { CheckpointEvery = v },
            "Steps between checkpoints; one more comes after the last step. auto is chosen by a plan, and 500 without one.")
        .Add("keep_checkpoints", YamlFormats.Integer(1), r => r.KeepCheckpoints, (r, v) => r with { KeepCheckpoints = v },
            "Complete checkpoints kept; older ones are deleted.")
        .Add("log_every", YamlFormats.Integer(1), r => r.LogEvery, (r, v) => r with { LogEvery = v },
            "Steps between console lines; metrics.jsonl has every step.")
        .Add("threads", YamlFormats.Integer(1, 1024).OrAuto(), r => r.Threads, (r, v) => r with { Threads = v },
            "Threads of tensor arithmetic; auto is one per core.")
        .Add("collective_timeout", Quantities.Time, r => r.CollectiveTimeout, (r, v) => r with { CollectiveTimeout = v },
            "How long a rank waits for the others before the run breaks off, to be resumed.")
        .Add("out", new UsualFormat<string>(YamlFormats.Path, ""), r => r.Out, (r, v) => r with { Out = v }, "The run folder.",
            isRequired: !isPlanned);

    private static ScalarFormat<double> Positive => YamlFormats.Number("a number above 0", v => v > 0);

    private static ScalarFormat<double> ZeroOrMore => YamlFormats.Number("a number, 0 or more", v => v >= 0 && double.IsFinite(v));

    private static ScalarFormat<Precision> PrecisionFormat { get; } =
        YamlFormats.OneOf(("fp32", Precision.Fp32), ("fp64", Precision.Fp64), ("bf16", Precision.Bf16), ("fp8", Precision.Fp8));

    /// <param name="isPlanned">True for a file that is only planned: without data or a run folder, for machines that are not here.</param>
    public static Section<RunConfig> Root(ModelFormat model, YamlFormat<PlannedMachines> cluster, bool isPlanned) =>
        WithData(WithMachines(model, cluster), isPlanned)
        .Add("mesh", SpecSections.Mesh, c => c.Spec.Mesh, (c, v) => c with { Spec = c.Spec with { Mesh = v } })
        .Add("parallel", SpecSections.Parallel, c => c.Spec.Parallel, (c, v) => c with { Spec = c.Spec with { Parallel = v } })
        .Add("batch", SpecSections.Batch, c => c.Spec.Batch,
            (c, v) => c with { Spec = c.Spec with { Batch = v } }, isRequired: true)
        .Add("phases", SpecSections.Phases, c => c.Spec.Phases, (c, v) => c with { Spec = c.Spec with { Phases = v } },
            "Leading parts of the run with a batch of their own, each until so many tokens of the run: " +
            "[{until_tokens: 252M, global_batch_tokens: 4M, seq_len: 4096}, ...].")
        .Add("optimizer", Optimizer, c => c.Optimizer, (c, v) => c with { Optimizer = v })
        .Add("run", RunWithPrecision(isPlanned), c => c, (_, v) => v, isRequired: !isPlanned)
        .Check((c, _) => FindProblems(c, isPlanned));

    private static Section<RunConfig> WithMachines(ModelFormat model, YamlFormat<PlannedMachines> cluster) => new Section<RunConfig>()
        .Add("model", model, c => c.Spec.Model, (c, v) => c with { Spec = c.Spec with { Model = v } },
            "A preset, a Hugging Face folder (whose weights are then the start), a config.json, or the keys below.", isRequired: true)
        .Add("cluster", cluster, c => new PlannedMachines(c.Spec.Cluster, c.Spec.Machine),
            (c, v) => c with { Spec = c.Spec with { Cluster = v.Cluster, Machine = v.Machine } },
            "The machines to plan for: a preset, a file, or its keys; also the file that calibrate writes.");

    /// <summary>What is only planned need not say on what data, and then does not write it.</summary>
    private static Section<RunConfig> WithData(Section<RunConfig> section, bool isPlanned) => isPlanned
        ? section.Add("data", new UsualFormat<DataConfig>(new SectionFormat<DataConfig>(Data, Defaults.Data), Defaults.Data),
            c => c.Data, (c, v) => c with { Data = v }, "")
        : section.Add("data", Data, c => c.Data, (c, v) => c with { Data = v }, isRequired: true);

    /// <summary>The file keeps precision with the run; a plan needs it, so the record keeps it in the spec.</summary>
    private static Section<RunConfig> RunWithPrecision(bool isPlanned) => new Section<RunConfig>()
        .Add("precision", PrecisionFormat, c => c.Spec.Precision, (c, v) => c with { Spec = c.Spec with { Precision = v } },
            "Number format of parameters and activations; fp8 can be planned, not trained.")
        .Include(Run(isPlanned), c => c.Run, (c, v) => c with { Run = v })
        .Check((c, path) => c.Run.FindProblems(path, isPlanned));

    private static IReadOnlyList<string> FindProblems(RunConfig config, bool isPlanned) =>
    [
        .. isPlanned ? [] : TrainerLimits.FindProblems(config.Spec), .. PhaseSpec.FindProblems(config.Spec.Phases, "phases"),
        .. config.FindProblems(),
    ];
}
