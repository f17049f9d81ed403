using System.Text;
using System.Text.Json.Nodes;
using Altiplano.Planning.Backtest;

namespace Altiplano.Tests.Planning.Backtest;

/// <summary>Cases to change one key of.</summary>
internal static class Cases
{
    /// <summary>A dense model on four servers, everything published.</summary>
    public static JsonObject Complete() => JsonNode.Parse("""
        {
          "id": "x", "source": "s", "gpu": "H100-80GB-SXM", "gpus": 32, "gpus_per_node": 8, "interconnect": "8x400 Gb/s IB per node",
          "model": {"name": "m", "layers": 32, "hidden": 4096, "heads": 32, "kv_heads": 8, "ffn": 14336, "vocab": 128256,
                    "gated_mlp": true, "tied": false, "experts": null},
          "seq": 4096, "global_batch_seqs": 64, "micro_batch": 1, "tp": 2, "pp": 2, "vp": 1, "cp": 1, "dp": 8, "ep": null,
          "sequence_parallel": true, "zero": 1, "recompute": "none", "precision": "bf16",
          "measured": {"step_s": 2.5, "memory_gb": 40}
        }
        """)!.AsObject();

    /// <summary>The complete case with some keys replaced; <c>model.layers</c> is a key of the model.</summary>
    public static Altiplano.Planning.Backtest.PublishedRun With(params (string Path, JsonNode? Value)[] changes)
    {
        var json = Complete();
        foreach (var (path, value) in changes)
        {
            var parts = path.Split('.');
            (parts.Length == 1 ? json : json[parts[0]]!.AsObject())[parts[^1]] = value;
        }

        return Read(json.ToJsonString())[0];
    }

    public static IReadOnlyList<Altiplano.Planning.Backtest.PublishedRun> Read(string json) => CaseFile.Parse(Encoding.UTF8.GetBytes(json), "cases.json");

    public static MappedCase Map(params (string Path, JsonNode? Value)[] changes)
    {
        new CaseMapper(TestServers.Of).TryMap(With(changes), out var mapped, out var refusal).ShouldBeTrue(refusal);
        return mapped!;
    }

    public static string Refusal(params (string Path, JsonNode? Value)[] changes)
    {
        new CaseMapper(TestServers.Of).TryMap(With(changes), out _, out var refusal).ShouldBeFalse();
        return refusal!;
    }
}
