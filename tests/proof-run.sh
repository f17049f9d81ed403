# A small run for the long proofs, made of the repository's own documentation. Sourced, not run.
# Sets: program, work (a temporary folder with run.yaml), and removes the folder at exit.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
program="$root/artifacts/bin/Altiplano.Cli/release/altiplano"
[ -x "$program" ] || dotnet build "$root/src/Altiplano.Cli" --configuration Release --nologo --verbosity quiet
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# usage: make_run STEPS CHECKPOINT_EVERY MODEL_WIDTH
make_run() {
  "$program" tokenizer train "$root/docs" "$root/README.md" --vocab-size 512 --output "$work/tokenizer.json" >/dev/null
  "$program" data prepare "$root/docs" "$root/README.md" --tokenizer "$work/tokenizer.json" --output "$work/data.bin" >/dev/null
  cat >"$work/run.yaml" <<YAML
model: {name: proof, vocab_size: 512, hidden_size: $3, intermediate_size: $((3 * $3)), num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, tie_word_embeddings: true}
data: {train: data, val: data, max_val_tokens: 512, tokenizer: tokenizer.json}
batch: {global_batch_tokens: 512, seq_len: 64}
optimizer: {lr: 3e-3, warmup_steps: 10}
run: {steps: $1, checkpoint_every: $2, validate_every: 50, log_every: 1, threads: 2, out: out}
YAML
}

# The machine, for a results page.
describe_machine() {
  echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(uname -s), .NET $(dotnet --version)"
}
