using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys of a run file that say how a step is made and spread.</summary>
internal static class SpecSections
{
    public static Section<MeshSpec> Mesh { get; } = new Section<MeshSpec>()
        .Add("pp", Degree, m => m.Pp, (m, v) => m with { Pp = v }, "Pipeline stages.")
        .Add("dp_replicate", Degree, m => m.DpReplicate, (m, v) => m with { DpReplicate = v }, "Replicas of the sharded model.")
        .Add("dp_shard", Degree, m => m.DpShard, (m, v) => m with { DpShard = v }, "Shards of parameters and optimizer state.")
        .Add("cp", Degree, m => m.Cp, (m, v) => m with { Cp = v }, "Parts of each sequence.")
        .Add("tp", Degree, m => m.Tp, (m, v) => m with { Tp = v }, "Parts of each matrix.")
        .Add("ep", Degree, m => m.Ep, (m, v) => m with { Ep = v }, "Groups of experts, carved out of dp_shard x cp.");

    public static Section<ParallelSpec> Parallel { get; } = new Section<ParallelSpec>()
        .Add("zero", YamlFormats.Integer(0, 3).OrAuto(), p => p.Zero, (p, v) => p with { Zero = v },
            "What is sharded over dp_shard x cp: 0 nothing, 1 the optimizer's state, 2 gradients too, 3 parameters too.")
        .Add("pp_schedule", Words<PipelineScheduleKind>(LayoutText.Name), p => p.PpSchedule, (p, v) => p with { PpSchedule = v },
            "In which order a stage runs its microbatches.")
        .Add("virtual_stages", Degree, p => p.VirtualStages, (p, v) => p with { VirtualStages = v },
            "Model chunks on each pipeline rank.")
        .Add("cp_method", Words<ContextParallelMethod>(LayoutText.Name), p => p.CpMethod, (p, v) => p with { CpMethod = v },
            "How ranks of cp see one another's keys and values.")
        .Add("sequence_parallel", YamlFormats.Boolean.OrAuto(), p => p.SequenceParallel,
            (p, v) => p with { SequenceParallel = v },
            "True splits norms and residuals along the sequence over tp.")
        .Add("recompute", Words<Recompute>(LayoutText.Name), p => p.Recompute, (p, v) => p with { Recompute = v },
            "What the backward pass computes again instead of keeping: nothing, the cheap parts, or whole layers; " +
            "without a plan, auto is none.")
        .Add("head_chunk_rows", YamlFormats.Integer(1).OrAuto(), p => p.HeadChunkRows, (p, v) => p with { HeadChunkRows = v },
            "Tokens of head and loss computed at a time; the full logits never exist.");

    public static Section<BatchSpec> Batch { get; } = new Section<BatchSpec>()
        .Add("global_batch_tokens", new TokenRangeFormat(), b => new TokenRange(b.GlobalBatchTokens, b.MaxGlobalBatchTokens),
            (b, v) => b with { GlobalBatchTokens = v.Low, MaxGlobalBatchTokens = v.High },
            "Tokens of one optimizer step; a multiple of micro_batch_size x seq_len. From a range [15M, 17M] a plan chooses.",
            isRequired: true)
        .Add("micro_batch_size", YamlFormats.Integer(1).OrAuto(), b => b.MicroBatchSize, (b, v) => b with { MicroBatchSize = v },
            "Sequences of one forward and backward pass; auto stays within 4096 tokens.")
        .Add("seq_len", YamlFormats.Integer(1), b => b.SeqLen, (b, v) => b with { SeqLen = v },
            "Tokens of one sequence.", isRequired: true)
        .Check((b, path) => b.FindProblems(path));

    private static Section<PhaseSpec> Phase { get; } = new Section<PhaseSpec>()
        .Add("until_tokens", YamlFormats.Tokens, p => p.UntilTokens, (p, v) => p with { UntilTokens = v },
            "Where it ends.", isRequired: true)
        .Add("global_batch_tokens", YamlFormats.Tokens, p => p.GlobalBatchTokens, (p, v) => p with { GlobalBatchTokens = v },
            "Tokens of one optimizer step.", isRequired: true)
        .Add("seq_len", YamlFormats.Integer(1), p => p.SeqLen, (p, v) => p with { SeqLen = v },
            "Tokens of one sequence.", isRequired: true);

    public static YamlFormat<IReadOnlyList<PhaseSpec>> Phases { get; } =
        new ListFormat<PhaseSpec>(new SectionFormat<PhaseSpec>(Phase, new PhaseSpec(default, default, 0)), mayBeEmpty: true);

    private static ScalarFormat<OrAuto<int>> Degree => YamlFormats.Integer(1).OrAuto();

    private static ScalarFormat<OrAuto<T>> Words<T>(Func<T, string> nameOf)
        where T : struct, Enum => YamlFormats.OneOf([.. Enum.GetValues<T>().Select(value => (nameOf(value), value))]).OrAuto();
}
