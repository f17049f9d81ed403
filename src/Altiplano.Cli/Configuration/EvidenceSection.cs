using Altiplano.Planning.Backtest;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys of a file of <c>presets/evidence</c>; those of a run are the keys of docs/cases.md, grouped.</summary>
internal static class EvidenceSection
{
    public static Section<EvidenceSource> Source { get; } = new Section<EvidenceSource>()
        .Add("source", Text, s => s.Name, (s, v) => s with { Name = v }, "Who published it.", isRequired: true)
        .Add("citation", Text, s => s.Citation, (s, v) => s with { Citation = v }, "Where to find it.", isRequired: true)
        .Add("about", Text, s => s.About, (s, v) => s with { About = v }, "What holds for all its figures.", isRequired: true)
        .Add("models", List(EvidenceModelSection.Model, new PublishedModel()), s => s.Models, (s, v) => s with { Models = v }, "Shapes that runs name.")
        .Add("runs", List(Run, new PublishedRun()), s => s.Runs, (s, v) => s with { Runs = v }, "Measured runs.")
        .Add("figures", List(Figure, new EvidenceFigure("", 0, "", "")), s => s.Figures, (s, v) => s with { Figures = v }, "Figures that are no runs.")
        .Check(FindProblems);

    private static Section<EvidenceFigure> Figure => new Section<EvidenceFigure>()
        .Add("id", Text, f => f.Id, (f, v) => f with { Id = v }, "What to call it.", isRequired: true)
        .Add("value", Positive, f => f.Value, (f, v) => f with { Value = v }, "In the unit below.", isRequired: true)
        .Add("unit", Text, f => f.Unit, (f, v) => f with { Unit = v }, "With what the figure holds for.", isRequired: true)
        .Add("locator", Text, f => f.Locator, (f, v) => f with { Locator = v }, "Table, section or page.", isRequired: true)
        .Add("note", Text, f => f.Note, (f, v) => f with { Note = v }, "What a reader should know.");

    private static Section<PublishedRun> Run => new Section<PublishedRun>()
        .Add("id", Text, r => r.Id, (r, v) => r with { Id = v }, "What to call it.", isRequired: true)
        .Add("locator", Text, r => r.Locator, (r, v) => r with { Locator = v }, "Table, line or page.", isRequired: true)
        .Add("model", Text, r => r.Model.Name, (r, v) => r with { Model = new PublishedModel { Name = v } }, "A name of models.", isRequired: true)
        .Add("machine", Machine, r => r, (_, v) => v, isRequired: true)
        .Add("batch", Batch, r => r, (_, v) => v, isRequired: true)
        .Add("layout", Layout, r => r, (_, v) => v, isRequired: true)
        .Add("measured", Measured, r => r.Measured, (r, v) => r with { Measured = v }, isRequired: true)
        .Add("note", Text, r => r.Note, (r, v) => r with { Note = v }, "What a reader should know.");

    private static Section<PublishedRun> Machine => new Section<PublishedRun>()
        .Add("gpu", Text, r => r.Gpu ?? "", (r, v) => r with { Gpu = v }, "", isRequired: true)
        .Add("gpus", Whole(1), r => r.Gpus, (r, v) => r with { Gpus = v }, "", isRequired: true)
        .Add("gpus_per_node", Whole(1), r => r.GpusPerNode, (r, v) => r with { GpusPerNode = v }, "")
        .Add("interconnect", Text, r => r.Interconnect ?? "", (r, v) => r with { Interconnect = v }, "");

    private static Section<PublishedRun> Batch => new Section<PublishedRun>()
        .Add("seq", Whole(1), r => r.Seq, (r, v) => r with { Seq = v }, "", isRequired: true)
        .Add("global_batch_seqs", new OptionalFormat<long>(YamlFormats.LongInteger(1)), r => r.GlobalBatchSeqs,
            (r, v) => r with { GlobalBatchSeqs = v }, "", isRequired: true)
        .Add("micro_batch", Whole(1), r => r.MicroBatch, (r, v) => r with { MicroBatch = v }, "")
        .Add("precision", Text, r => r.Precision ?? "", (r, v) => r with { Precision = v }, "", isRequired: true);

    private static Section<PublishedRun> Layout => new Section<PublishedRun>()
        .Add("tp", Whole(1), r => r.Tp, (r, v) => r with { Tp = v }, "")
        .Add("pp", Whole(1), r => r.Pp, (r, v) => r with { Pp = v }, "")
        .Add("vp", Whole(1), r => r.Vp, (r, v) => r with { Vp = v }, "")
        .Add("cp", Whole(1), r => r.Cp, (r, v) => r with { Cp = v }, "")
        .Add("dp", Whole(1), r => r.Dp, (r, v) => r with { Dp = v }, "", isRequired: true)
        .Add("ep", Whole(1), r => r.Ep, (r, v) => r with { Ep = v }, "")
        .Add("sequence_parallel", new OptionalFormat<bool>(YamlFormats.Boolean), r => r.SequenceParallel, (r, v) => r with { SequenceParallel = v }, "")
        .Add("zero", Whole(0), r => r.Zero, (r, v) => r with { Zero = v }, "")
        .Add("fsdp_shard_group", Whole(1), r => r.FsdpShardGroup, (r, v) => r with { FsdpShardGroup = v }, "")
        .Add("zero1_group", Whole(1), r => r.Zero1Group, (r, v) => r with { Zero1Group = v }, "")
        .Add("recompute", Text, r => r.Recompute ?? "", (r, v) => r with { Recompute = v }, "")
        .Add("recompute_layers", Whole(0), r => r.RecomputeLayers, (r, v) => r with { RecomputeLayers = v }, "");

    private static Section<PublishedMeasurement> Measured => new Section<PublishedMeasurement>()
        .Add("step_s", Measure, m => m.StepSeconds, (m, v) => m with { StepSeconds = v }, "")
        .Add("tokens_per_s_per_gpu", Measure, m => m.TokensPerSecondPerGpu, (m, v) => m with { TokensPerSecondPerGpu = v }, "")
        .Add("tflops_per_gpu", Measure, m => m.TflopsPerGpu, (m, v) => m with { TflopsPerGpu = v }, "")
        .Add("memory_gb", Measure, m => m.MemoryGib, (m, v) => m with { MemoryGib = v }, "");

    private static TextFormat Text => new("a text");

    private static ScalarFormat<double> Positive => YamlFormats.Number("a number above 0", v => v > 0);

    private static OptionalFormat<double> Measure => new(Positive);

    private static OptionalFormat<int> Whole(int min) => new(YamlFormats.Integer(min));

    private static ListFormat<T> List<T>(Section<T> item, T start) => new(new SectionFormat<T>(item, start));

    private static IReadOnlyList<string> FindProblems(EvidenceSource source, string path) =>
    [
        .. from run in source.Runs
           where source.Models.All(m => m.Name != run.Model.Name)
           select $"runs: {run.Id} has the model \"{run.Model.Name}\". {NearestName.Hint(run.Model.Name, "models", [.. source.Models.Select(m => m.Name)])}",
        .. from id in source.Runs.Select(r => r.Id).Concat(source.Figures.Select(f => f.Id)).GroupBy(id => id)
           where id.Count() > 1
           select $"{(source.Runs.Any(r => r.Id == id.Key) ? "runs" : "figures")}: the id {id.Key} occurs {id.Count()} times. Each must be its own.",
    ];
}
