// Encodes texts with the npm package @huggingface/tokenizers: node encode.mjs NODE_MODULES TOKENIZER_JSON < texts.json > ids.json
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, file] = process.argv.slice(2);
const folder = join(modules, "@huggingface", "tokenizers");
const { main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const { Tokenizer } = await import(pathToFileURL(join(folder, main)));

const tokenizer = new Tokenizer(JSON.parse(readFileSync(file, "utf8")), {});
const texts = JSON.parse(readFileSync(0, "utf8"));
const ids = texts.map((text) => ({
  ids: tokenizer.encode(text, { add_special_tokens: false }).ids,
  withBos: tokenizer.encode(text, { add_special_tokens: true }).ids,
}));
process.stdout.write(JSON.stringify({ ids: ids.map((i) => i.ids), withBos: ids.map((i) => i.withBos) }));
