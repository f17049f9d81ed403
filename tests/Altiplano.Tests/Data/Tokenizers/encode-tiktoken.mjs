// Encodes texts with the npm package tiktoken: node encode-tiktoken.mjs NODE_MODULES RANK_FILE < {pattern, texts} > ids.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, file] = process.argv.slice(2);
const { Tiktoken } = createRequire(import.meta.url)(join(modules, "tiktoken"));

const ranks = readFileSync(file, "utf8").trim().split("\n").map((line) => line.split(" ")[0]);
const { pattern, texts } = JSON.parse(readFileSync(0, "utf8"));
const tokenizer = new Tiktoken("! 0 " + ranks.join(" "), {}, pattern);
process.stdout.write(JSON.stringify(texts.map((text) => [...tokenizer.encode(text, [], [])])));
