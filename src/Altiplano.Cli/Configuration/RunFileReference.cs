using System.Text;

namespace Altiplano.Cli.Configuration;

/// <summary>The page that lists every key of a run file: docs/run-file.md, printed by <c>config keys</c>.</summary>
internal static class RunFileReference
{
    private const string Introduction = """
        # Run file

        One YAML file describes a run; `train` and every other verb read it. This page is printed by `./altiplano config keys` from the
        tables that read the file.

        ```yaml
        model: tiny-15m
        data:  { train: [{path: web, weight: 0.8}, {path: code, weight: 0.2}], val: held-out, tokenizer: tokenizer.json }
        batch: { global_batch_tokens: 32Ki, seq_len: 512 }
        optimizer: { lr: 1e-3, min_lr: 1e-4, warmup_steps: 50 }
        run:   { tokens: 8M, validate_every: 100, out: out/first }
        ```

        - An unknown key is an error that names the nearest one. All problems are reported together, each with line and column.
        - Relative paths start at the folder of the run file; in a `--set` option, at the working folder.
        - `--set batch.seq_len=4096` replaces a value; the value is YAML, so `--set 'data.train=[{path: web}]'` works too.
        - Tokens: `K`, `M`, `B`, `T` are powers of 1000; `Ki`, `Mi`, `Gi` are powers of 1024.
        - `plan` reads the same file, also for machines that are not here: with any mesh, a range as batch, phases, fp8, `auto`, or a model that
          cannot be trained; there `data`, the length of the run and `run.out` may be missing. `train` refuses what it cannot do.
        - A model with a `mixture` that has a shared expert and a chunked `window` is the text model of a Llama 4, and is trained as a dense
          Llama is: `model: tiny-moe` is a small one to try, on two ranks with `mesh: {dp_shard: 2, ep: 2}`.
        - `train` saves the resolved file, with every choice made and every path absolute, as `config.yaml` in the run folder.
          `./altiplano config show RUN.yaml` prints it; `--plan` prints what `plan` reads.

        """;

    public static string ToMarkdown(IEnumerable<KeyDescription> keys)
    {
        var page = new StringBuilder(Introduction);
        var section = "";
        foreach (var key in keys.SelectMany(key => key.Path == "model" ? [key, .. ModelFormat.Describe()] : new[] { key }))
        {
            var owner = key.Path.Split('.')[0];
            if (owner != section)
                KeyTable.AppendHead(page, section = owner);
            KeyTable.AppendRow(page, key);
        }

        return page.ToString();
    }
}
