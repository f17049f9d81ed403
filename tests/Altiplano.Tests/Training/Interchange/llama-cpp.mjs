// Runs a GGUF file with llama.cpp on token ids, on one thread and with an F32 key/value cache.
// node llama-cpp.mjs MODULES MODEL.gguf TOKENS COUNT
//   MODULES  the node_modules folder that has node-llama-cpp
//   TOKENS   comma-separated token ids
//   COUNT    how many tokens to continue with, greedily
// Prints {"tokens": [...], "logits": [one per word, after the last of TOKENS]}.
import path from "node:path";
import { pathToFileURL } from "node:url";

const F32 = 0;
const [modules, modelPath, tokenList, count] = process.argv.slice(2);
const entry = path.join(path.resolve(modules), "node-llama-cpp", "dist", "index.js");
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(entry).href);

// The package's own model class looks words up, which ends the process where a model has no vocabulary; its binding does not.
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, maxThreads: 1, progressLogs: false, logLevel: LlamaLogLevel.error });
const { AddonModel, AddonContext, AddonSampler } = llama._bindings;

const model = new AddonModel(modelPath, { gpuLayers: 0, useMmap: false, checkTensors: true, addonExports: llama._bindings });
if (!await model.init()) throw new Error(`${modelPath}: llama.cpp does not load it`);
const context = new AddonContext(model, {
    contextSize: 256, batchSize: 256, sequences: 1, flashAttention: false, threads: 1, kvCacheKeyType: F32, kvCacheValueType: F32,
});
if (!await context.init()) throw new Error(`${modelPath}: llama.cpp makes no context for it`);
const sampler = new AddonSampler(model);
sampler.applyConfig({ temperature: 0 });

const tokens = [];
let logits;
let position = 0;
for (let next = tokenList.split(",").map(Number); tokens.length < Number(count); next = tokens.slice(-1)) {
    context.initBatch(next.length);
    const [last] = context.addToBatch(0, position, Uint32Array.from(next), Uint32Array.from([next.length - 1]));
    await context.decodeBatch();
    const [token, , , pairs] = await context.sampleToken(last, sampler, false, false, logits === undefined);
    logits ??= byToken(pairs);
    position += next.length;
    tokens.push(token);
}

process.stdout.write(JSON.stringify({ tokens, logits }) + "\n");
process.exit(0);

// [id, logit, id, logit, ...] in any order, as logits by id.
function byToken(pairs) {
    const values = [];
    for (let i = 0; i < pairs.length; i += 2) values[pairs[i]] = pairs[i + 1];
    return values;
}
