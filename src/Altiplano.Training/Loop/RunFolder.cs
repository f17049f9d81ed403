namespace Altiplano.Training.Loop;

/// <summary>Where a run keeps what it writes.</summary>
public sealed record RunFolder(string Root)
{
    public string Config => Path.Combine(Root, "config.yaml");
    public string Environment => Path.Combine(Root, "env.json");
    public string Plan => Path.Combine(Root, "plan.json");
    public string Metrics => Path.Combine(Root, "metrics.jsonl");
    public string Events => Path.Combine(Root, "events.jsonl");
    public string Samples => Path.Combine(Root, "samples.json");
    public string Tokenizer => Path.Combine(Root, "tokenizer.json");
    public string Report => Path.Combine(Root, "report.html");
    public string TensorBoard => Path.Combine(Root, "tb");
    public string Traces => Path.Combine(Root, "traces");
    public string Checkpoints => Path.Combine(Root, "checkpoints");
    public string Ranks => Path.Combine(Root, "ranks");
    public string HuggingFaceExport => Path.Combine(Root, "export", "hf");
    public string GgufExport => Path.Combine(Root, "export", "gguf");

    /// <summary>What a rank's steps took: <c>traces/measured-rank-00000.jsonl</c>.</summary>
    public string Measured(int rank) => Path.Combine(Traces, $"measured-rank-{rank:00000}.jsonl");

    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Root)));

    /// <summary>The folder of the checkpoint after <paramref name="step"/> steps: <c>checkpoints/step-00001000</c>.</summary>
    public string Checkpoint(long step) => Path.Combine(Checkpoints, $"step-{step:00000000}");
}
