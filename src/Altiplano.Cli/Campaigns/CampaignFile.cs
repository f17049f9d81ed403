using Altiplano.Cli.Configuration;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Campaign;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Campaigns;

/// <summary>Campaign files: the fleet, and the runs on it.</summary>
internal sealed class CampaignFile(PresetFolder presets)
{
    private const string Kind = "campaigns";

    private static readonly TransformerShape BlankShape = new()
    {
        Name = "", VocabSize = 0, HiddenSize = 0, NumLayers = 0, NumAttentionHeads = 0, NumKeyValueHeads = 0, IntermediateSize = 0,
    };

    private static readonly CampaignRun BlankRun = new()
    {
        Name = "", Model = BlankShape, Tokens = default, SeqLen = 0, GlobalBatchTokens = default,
    };

    private readonly Section<CampaignSpec> _keys = Keys(presets);

    /// <summary>Reads a preset of <c>presets/campaigns</c> or a file of the user's, strictly.</summary>
    /// <param name="what">What names it, for messages.</param>
    /// <exception cref="ConfigException">There is neither, or it has problems; lists them all.</exception>
    public CampaignSpec Read(string nameOrPath, string what = "campaign")
    {
        var names = presets.Names(Kind);
        var isPreset = names.Contains(nameOrPath);
        if (!isPreset && Directory.Exists(nameOrPath))
            throw new ConfigException($"{what} is \"{nameOrPath}\", which is a folder. Name a file in it, or a preset: {string.Join(", ", names)}.");
        if (!isPreset && !File.Exists(nameOrPath))
            throw new ConfigException($"{what} is \"{nameOrPath}\", which is neither a preset of {Kind} nor a file. {NearestName.Hint(nameOrPath, "presets", names)}");
        var reading = new YamlReading(isPreset ? presets.PathOf(Kind, nameOrPath) : nameOrPath);
        var start = new CampaignSpec { Name = Path.GetFileNameWithoutExtension(reading.File), Fleet = ClusterSection.Blank(""), Runs = [] };
        _keys.TryRead(YamlText.ParseFile(reading.File), "", reading, start, out var campaign);
        ConfigException.ThrowIfAny(reading.Problems);
        return campaign!;
    }

    private static Section<CampaignSpec> Keys(PresetFolder presets) => new Section<CampaignSpec>()
        .Add("name", new TextFormat("a name"), c => c.Name, (c, v) => c with { Name = v }, "What to call it; the file's name unless given.")
        .Add("cluster", new HardwareCatalog(presets).Clusters, c => c.Fleet, (c, v) => c with { Fleet = v },
            "The fleet: a preset of presets/clusters, a file, or a mapping.", isRequired: true)
        .Add("runs", new ListFormat<CampaignRun>(new SectionFormat<CampaignRun>(Run(new ModelFormat(new ModelCatalog(presets))), BlankRun)),
            c => c.Runs, (c, v) => c with { Runs = v }, "The runs; their order decides between equals.", isRequired: true)
        .Add("sources", new ListFormat<string>(new TextFormat("a citation")), c => c.Sources, (c, v) => c with { Sources = v },
            "Where the figures are published, and which are assumed.")
        .Check((c, _) => c.FindProblems());

    private static Section<CampaignRun> Run(ModelFormat model) => new Section<CampaignRun>()
        .Add("name", new TextFormat("a name"), r => r.Name, (r, v) => r with { Name = v }, "What other runs call it.", isRequired: true)
        .Add("model", model, r => new ModelSpec { Name = r.Model.Name, Shape = r.Model }, (r, v) => r with { Model = v.Shape with { Name = v.Name } },
            "A preset, a Hugging Face folder, a config.json, or a mapping.", isRequired: true)
        .Add("tokens", YamlFormats.Tokens, r => r.Tokens, (r, v) => r with { Tokens = v }, "Tokens that are trained.", isRequired: true)
        .Add("gpus", new OptionalFormat<int>(YamlFormats.Integer(1)), r => r.Gpus, (r, v) => r with { Gpus = v }, "GPUs that it holds; this or share.")
        .Add("share", new OptionalFormat<double>(AnyNumber), r => r.Share, (r, v) => r with { Share = v }, "Part of the fleet that it holds.")
        .Add("seq_len", YamlFormats.Integer(1), r => r.SeqLen, (r, v) => r with { SeqLen = v }, "Tokens of one sequence.", isRequired: true)
        .Add("global_batch_tokens", YamlFormats.Tokens, r => r.GlobalBatchTokens, (r, v) => r with { GlobalBatchTokens = v },
            "Tokens of one step; the most, where there is a least.", isRequired: true)
        .Add("min_global_batch_tokens", new OptionalFormat<TokenCount>(YamlFormats.Tokens), r => r.MinGlobalBatchTokens,
            (r, v) => r with { MinGlobalBatchTokens = v }, "Fewest tokens of a step, where the planner may choose.")
        .Add("precision", YamlFormats.OneOf(("bf16", Precision.Bf16), ("fp8", Precision.Fp8)), r => r.Precision, (r, v) => r with { Precision = v },
            "Number format of matrix products.")
        .Add("rate", new OptionalFormat<FlopsPerSecond>(Quantities.FlopRate), r => r.Rate, (r, v) => r with { Rate = v },
            "Model FLOP/s of one GPU, where it is known; the run is planned unless given.")
        .Add("goodput", AnyNumber, r => r.Goodput, (r, v) => r with { Goodput = v }, "Part of the time that trains for good, beside rate.")
        .Add("after", new ListFormat<string>(new TextFormat("the name of a run")), r => r.After, (r, v) => r with { After = v },
            "Runs that must have ended.")
        .Add("priority", YamlFormats.Integer(int.MinValue), r => r.Priority, (r, v) => r with { Priority = v }, "Higher goes first.")
        .Add("teacher", new TextFormat("the name of a run"), r => r.Teacher ?? "", (r, v) => r with { Teacher = v },
            "The run whose model this one learns from; must have ended.")
        .Add("teacher_tokens", YamlFormats.Tokens, r => r.TeacherTokens, (r, v) => r with { TeacherTokens = v },
            "Tokens that need a forward pass of the teacher on this run's GPUs.");

    private static YamlFormat<double> AnyNumber => YamlFormats.Number("a number", _ => true);
}
