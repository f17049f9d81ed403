namespace Altiplano.Planning.Backtest;

/// <summary>Every key that a case may have: the only place that knows them, read by the reader and by the schema page.</summary>
public static class CaseKeys
{
    public static IReadOnlyList<CaseKey> All { get; } =
    [
        .. Identity(), .. Machines(), .. ModelKeys.All(), .. Batch(), .. Mesh(), .. Memory(), .. Measured(), .. ForReaders(),
    ];

    private static IEnumerable<CaseKey> Identity() =>
    [
        CaseKey.Text("id", "its place: #1, #2, ...",
            "Names the case in the answer.", (r, v) => r with { Id = v }) with { IsForReaders = true },
        CaseKey.Remark("source", "Who measured; errors are stated for each source.", (r, v) => r with { Source = v }),
        CaseKey.Remark("source_locator", "Table, figure or line of the source.", (r, v) => r with { Locator = v }),
        CaseKey.Remark("citation", "Where to find the source.", (r, v) => r with { Citation = v }),
        CaseKey.Remark("note", "What a reader should know.", (r, v) => r with { Note = v }),
    ];

    private static IEnumerable<CaseKey> Machines() =>
    [
        CaseKey.Text("gpu", CaseKey.Required,
            "The GPU's name in any common spelling, such as H100-80GB-SXM.", (r, v) => r with { Gpu = v }),
        CaseKey.Whole("gpus", "GPUs", CaseKey.Required, "All GPUs of the run: tp x pp x cp x dp.", (r, v) => r with { Gpus = v }),
        CaseKey.Whole("gpus_per_node", "GPUs", "those of the GPU's usual server",
            "GPUs of one server.", (r, v) => r with { GpusPerNode = v }),
        CaseKey.Text("interconnect", "the GPU's usual network, graded assumed",
            "The network between servers in words: kind, bandwidth of a node or a GPU, oversubscription.", (r, v) => r with { Interconnect = v }),
    ];

    private static IEnumerable<CaseKey> Batch() =>
    [
        CaseKey.Whole("seq", "tokens", CaseKey.Required, "Length of one sequence.", (r, v) => r with { Seq = v }),
        CaseKey.LargeWhole("global_batch_seqs", "sequences", CaseKey.Required,
            "Sequences of one optimizer step.", (r, v) => r with { GlobalBatchSeqs = v }),
        CaseKey.Whole("micro_batch", "sequences", "that of the fastest layout that fits in memory, graded assumed",
            "Sequences of one forward and backward pass of a data-parallel rank.", (r, v) => r with { MicroBatch = v }),
        CaseKey.Text("precision", "bf16",
            "Text that contains fp8 is fp8; bf16 and fp16 cost the same; another format is refused.", (r, v) => r with { Precision = v }),
    ];

    private static IEnumerable<CaseKey> Mesh() =>
    [
        CaseKey.Whole("tp", "ranks", "1", "Tensor parallel degree.", (r, v) => r with { Tp = v }),
        CaseKey.Whole("pp", "ranks", "gpus / (tp x cp x dp); required where dp is not given",
            "Pipeline parallel degree.", (r, v) => r with { Pp = v }),
        CaseKey.Whole("vp", "chunks", "1 without a pipeline, else that of the fastest layout that fits in memory, graded assumed",
            "Model chunks of each pipeline rank; above 1 the schedule is interleaved. Layers need not divide by pp x vp.",
            (r, v) => r with { Vp = v }),
        CaseKey.Whole("cp", "ranks", "1", "Context parallel degree.", (r, v) => r with { Cp = v }),
        CaseKey.Whole("dp", "ranks", "gpus / (tp x pp x cp); required where pp is not given",
            "Data parallel degree, FSDP's included.", (r, v) => r with { Dp = v }),
        CaseKey.Whole("ep", "ranks", "1", "Expert parallel degree, carved out of dp x cp.", (r, v) => r with { Ep = v }),
        CaseKey.Flag("sequence_parallel", "true where tp is above 1",
            "Norms and residuals split along the sequence over tp.", (r, v) => r with { SequenceParallel = v }),
    ];

    private static IEnumerable<CaseKey> Memory() =>
    [
        CaseKey.Whole("zero", "", "3 where dp is the only degree above 1, else 1; graded assumed",
            "ZeRO stage 0 to 3; 1 is Megatron's distributed optimizer, 2 and 3 are FSDP's SHARD_GRAD_OP and FULL_SHARD. Under pp above 1, 2 is timed with one reduction a step.",
            (r, v) => r with { Zero = v }, least: 0),
        CaseKey.Whole("fsdp_shard_group", "ranks", "dp x cp",
            "Ranks over which FSDP shards; the rest are replicas (HSDP).", (r, v) => r with { FsdpShardGroup = v }),
        CaseKey.Whole("zero1_group", "ranks", "dp x cp",
            "Ranks over which the optimizer's state is sharded.", (r, v) => r with { Zero1Group = v }),
        CaseKey.Text("recompute", "that of the fastest layout that fits in memory, graded assumed",
            "none, selective or full.", (r, v) => r with { Recompute = v }),
        CaseKey.Whole("recompute_layers", "layers", "all",
            "Layers of each pipeline stage that are recomputed; above layers / pp, layers of the whole model.",
            (r, v) => r with { RecomputeLayers = v }, least: 0),
    ];

    private static IEnumerable<CaseKey> Measured() =>
    [
        CaseKey.Measure("measured.step_s", "s",
            "Time of one optimizer step.", (r, v) => r with { Measured = r.Measured with { StepSeconds = v } }),
        CaseKey.Measure("measured.tokens_per_s_per_gpu", "tokens/s",
            "Taken for the step time where that is absent.", (r, v) => r with { Measured = r.Measured with { TokensPerSecondPerGpu = v } }),
        CaseKey.Measure("measured.memory_gb", "GiB",
            "Peak device memory of a GPU.", (r, v) => r with { Measured = r.Measured with { MemoryGib = v } }),
        CaseKey.Measure("measured.tflops_per_gpu", "TFLOP/s",
            "As printed; sources count operations differently.", (r, v) => r with { Measured = r.Measured with { TflopsPerGpu = v } }),
        CaseKey.Flag("measured.out_of_memory", "false",
            "The run did not fit in device memory.",
            (r, v) => r with { Measured = r.Measured with { IsOutOfMemory = v } }) with { IsForReaders = true },
        CaseKey.Flag("complete", "false",
            "Everything that the computation needs was published.", (r, v) => r with { IsComplete = v }) with { IsForReaders = true },
        CaseKey.Flag("recommended", "false",
            "Belongs to the curated subset of headline errors.", (r, v) => r with { IsRecommended = v }) with { IsForReaders = true },
    ];

    private static IEnumerable<CaseKey> ForReaders() =>
    [
        CaseKey.Unused("measured.mfu", "As printed; conventions differ."),
        CaseKey.Unused("year", "Of publication."),
        CaseKey.Unused("tier", "A complete, B an input unpublished, C a partial fact."),
        CaseKey.Unused("derived", "Keys that were computed from others."),
        CaseKey.Unused("derived_values", "Rates by one uniform count."),
        CaseKey.Unused("flops_formula_note", "How the source counts operations."),
        CaseKey.Unused("flops_convention", "How the source counts operations, by class."),
        CaseKey.Unused("closure", "Printed rate over recounted rate."),
        CaseKey.Unused("hfu", "As printed."),
        CaseKey.Unused("mfu_causal", "As printed."),
        CaseKey.Unused("tokens_per_day_B", "As printed."),
        CaseKey.Unused("train_days_300B", "As printed."),
    ];
}
