using System.Globalization;

namespace Altiplano.Planning.Backtest;

/// <summary>Reads the measured iteration times of vTrain (Bang et al., MICRO 2024): its CSV files as they are published.</summary>
/// <remarks>
/// GPT in fp16 on DGX A100 servers with eight 200 Gb/s links, Megatron-DeepSpeed; 51,200 tokens of vocabulary. Full recompute
/// between servers; the runs of one server reach 138 model TFLOP/s at hidden size 2048, which leaves no room for any.
/// </remarks>
public static class VTrainFile
{
    private const string Source = "vTrain";

    private static readonly string[] Columns =
    [
        "# GPUs", "global batch", "micro batch", "hidden size", "attention heads", "# layers", "sequence length",
        "tensor parallelism", "data parallelism", "pipeline parallelism", "iteration time (ms)",
    ];

    /// <exception cref="ConfigException">A column is missing or a value is no number.</exception>
    public static IReadOnlyList<PublishedRun> Read(string path)
    {
        var lines = File.ReadAllLines(path);
        var header = lines[0].Split(',');
        var missing = Columns.Where(c => !header.Contains(c)).ToList();
        if (missing.Count > 0)
            throw new ConfigException($"{path}, line 1: the column {string.Join(", ", missing)} is missing.");
        var places = Columns.Select(c => Array.IndexOf(header, c)).ToArray();
        return [.. lines.Skip(1).Index().Where(line => line.Item.Length > 0).Select(line => ReadRow(line.Item, places, $"{path}, line {line.Index + 2}"))];
    }

    private static PublishedRun ReadRow(string line, int[] places, string place)
    {
        var cells = line.Split(',');
        var values = places.Select(at => at < cells.Length && double.TryParse(cells[at], CultureInfo.InvariantCulture, out var value)
            ? value : throw new ConfigException($"{place}: \"{line}\" must hold {Columns.Length} numbers.")).ToArray();
        var (hidden, heads, layers) = ((int)values[3], (int)values[4], (int)values[5]);
        return new PublishedRun
        {
            Id = place,
            Source = Source,
            Gpu = "A100-80GB-SXM",
            Gpus = (int)values[0],
            GpusPerNode = 8,
            Interconnect = "8x HDR 200 Gb/s IB per DGX A100",
            Model = new PublishedModel
            {
                Name = $"GPT h{hidden} L{layers}", Layers = layers, Hidden = hidden, Heads = heads, KvHeads = heads, Ffn = 4 * hidden,
                Vocab = 51200, GatedMlp = false, Tied = true, LearnedPosEmb = true,
            },
            Seq = (int)values[6],
            GlobalBatchSeqs = (long)values[1],
            MicroBatch = (int)values[2],
            Tp = (int)values[7],
            Dp = (int)values[8],
            Pp = (int)values[9],
            Vp = 1,
            SequenceParallel = false,
            Zero = 0,
            Recompute = values[0] > 8 ? "full" : "none",
            Precision = "fp16",
            Measured = new PublishedMeasurement { StepSeconds = values[10] / 1000 },
            IsComplete = true,
            IsRecommended = values[0] > 8,
        };
    }
}
