using System.Text;

namespace Altiplano.Planning.Backtest;

/// <summary>The page that lists every key of a case: docs/cases.md, printed by <c>backtest --keys</c>.</summary>
public static class CaseReference
{
    private const string Introduction = """
        # Cases

        `./altiplano backtest --cases FILE` computes the training runs of a file again. This page is its schema, printed by
        `./altiplano backtest --keys` from the table that reads the file.

        A file is a JSON array of cases, an object whose `cases` is that array, or one case a line. It must be JSON in UTF-8; what is
        not stops the verb with the line and the column. A case is an object:

        ```json
        {"id": "a", "gpu": "H100-80GB-SXM", "gpus": 32, "interconnect": "8x 400 Gb/s InfiniBand per node",
         "model": {"layers": 32, "hidden": 4096, "heads": 32, "kv_heads": 8, "ffn": 14336, "vocab": 128256, "gated_mlp": true, "tied": false},
         "seq": 4096, "global_batch_seqs": 64, "micro_batch": 1, "tp": 2, "pp": 2, "dp": 8, "zero": 1, "recompute": "none",
         "precision": "bf16", "measured": {"step_s": 2.5, "memory_gb": 40}}
        ```

        - Every key may be absent or `null`, which is the same: the default holds. Where it says *required* there is none, and the case
          is refused.
        - A key that is not listed here does nothing; the answer lists it under `unknown_keys`.
        - A case that cannot be computed is answered by `{"id":, "refused":}` with every reason: the path, the value, the rule. The others
          are computed all the same. Values that are only compared or only for readers refuse nothing, whatever they are.
        - tp x pp x cp x dp must be `gpus`; expert parallel ranks are some of dp x cp.

        ## The answer

        `--json` prints `{"cases": [...]}` in the order of the file, each with

        | key | unit | |
        | --- | --- | --- |
        | `id` | | of the case |
        | `step_s`, `step_low_s`, `step_high_s` | s | time of a step and its 80 % interval |
        | `tokens_per_s_per_gpu` | tokens/s | |
        | `model_tflops_per_gpu` | TFLOP/s | nothing recomputed, masked pairs of attention not counted |
        | `memory_gb` | GiB | device memory of the fullest rank, in the unit of `measured.memory_gb` |
        | `memory_bytes` | bytes | the same |
        | `fits_in_memory` | | false where not even the leanest software would fit |
        | `memory_verdict` | | fits, fits within the uncertainty (with 16-bit gradients, fused kernels and nothing lost, or within 8 %), or does not fit |
        | `parts` | s | where the time goes; adds up to `step_s` |
        | `memory_parts` | GiB | where the memory goes; adds up to `memory_gb` |
        | `grade` | | `interpolated`: fitted coefficients on published facts; `assumed`: something had to be assumed |
        | `assumptions` | | what, if anything |
        | `stack` | | the coefficients that were used |
        | `measured_step_s`, `measured_memory_gb` | s, GiB | what the case says, if it does |
        | `unknown_keys` | | keys of the case that are not listed below, if any |

        ## How an interconnect is read

        From words: the kind (InfiniBand, RoCE or Ethernet, Omni-Path, EFA; InfiniBand where none is named, graded assumed) and the bandwidth
        in one direction. `8x 400 Gb/s per node` and `1600 Gb/s node-to-node` are shared by the node's GPUs; `400 Gb/s per GPU` is not; a
        rate without either is a GPU's link up to 800 Gb/s and a node's above. `HDR`, `NDR`, `ConnectX-7` stand for their rates. Small b
        counts bits, capital B bytes. NVLink and PCIe are passed over. `3,072-GPU pods` and `1:7 oversubscription` make a tier between pods.
        Text that says nothing of a rate, and an absent text, leave the GPU's usual network: 200 Gb/s a GPU for A100, 400 Gb/s for the others.

        """;

    public static string ToMarkdown()
    {
        var page = new StringBuilder(Introduction);
        Append(page, "Keys of a case", CaseKeys.All.Where(k => !k.Path.Contains('.', StringComparison.Ordinal) && !k.IsForReaders));
        Append(page, "model", CaseKeys.All.Where(k => k.Path.StartsWith("model.", StringComparison.Ordinal) && !k.IsForReaders));
        Append(page, "measured", CaseKeys.All.Where(k => k.Path.StartsWith("measured.", StringComparison.Ordinal) && k.Default != CaseKey.NotUsed));
        Append(page, "For readers", CaseKeys.All.Where(k => !k.Path.StartsWith("measured.", StringComparison.Ordinal) && k.IsForReaders
            || k.Default == CaseKey.NotUsed));
        return page.ToString();
    }

    private static void Append(StringBuilder page, string title, IEnumerable<CaseKey> keys)
    {
        page.Append($"\n## {title}\n\n| key | value | unit | default | |\n| --- | --- | --- | --- | --- |\n");
        foreach (var key in keys.DistinctBy(k => k.Path))
            page.Append($"| `{key.Path}` | {key.Kind} | {key.Unit} | {key.Default} | {key.Doc} |\n");
    }
}
