// Opening a checkpoint against JSON.parse: node packages/core/bench/open-checkpoint.mjs     (build first: npm run build)
import { createMemorySource } from "../dist/bytes/index.js";
import { layOutFile, openFile, planShards, readShardIndex, shardIndexText } from "../dist/safetensors/index.js";

const ROUNDS = 41;
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);

/** 10 000 tensors named like a mixture-of-experts model. */
const specs = Array.from({ length: 10_000 }, (_, index) => ({
  name: `model.layers.${Math.floor(index / 200)}.mlp.experts.${index % 200}.down_proj.weight`,
  dtype: "BF16",
  shape: [128, 256],
}));
const { head, byteLength } = layOutFile(specs, { format: "pt" });
const source = { ...createMemorySource(head), byteLength };

// CPU time, so that a busy machine does not count; in turn, so that a warming one hurts both alike.
const parse = [];
const open = [];
for (let round = 0; round < ROUNDS; round++) {
  parse.push(await cpuTime(async () => JSON.parse(new TextDecoder().decode(head.subarray(8)))));
  open.push(await cpuTime(() => openFile(source)));
}
const ratio = median(open) / median(parse);
console.log(
  `header of ${specs.length} tensors (${mebibytes(head.length)} MiB), CPU time, medians of ${ROUNDS} rounds in turn:`,
);
console.log(`  JSON.parse ${median(parse).toFixed(1)} ms, first ${parse[0].toFixed(1)} ms`);
console.log(
  `  openFile   ${median(open).toFixed(1)} ms, first ${open[0].toFixed(1)} ms: ${ratio.toFixed(1)} × JSON.parse`,
);

const source500k = createMemorySource(indexOf500k());
const before = await memory();
let index;
const took = await cpuTime(async () => {
  index = await readShardIndex(source500k);
});
const kept = (await memory()) - before;
console.log(
  `index of ${index.shardOf.size} entries (${mebibytes(source500k.byteLength)} MiB, ${index.shards.length} shards):`,
);
console.log(
  `  readShardIndex ${took.toFixed(0)} ms, keeps ${globalThis.gc ? `${mebibytes(kept)} MiB` : "? MiB (node --expose-gc)"}`,
);

function indexOf500k() {
  const many = Array.from({ length: 500_000 }, (_, index) => ({
    name: `model.layers.${index % 64}.mlp.experts.${index}.down_proj.weight`,
    dtype: "U8",
    shape: [1000],
  }));
  return new TextEncoder().encode(shardIndexText(planShards(many, 5_000_000)));
}

/** Heap and buffers in use once nothing is left to collect. */
async function memory() {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function cpuTime(work) {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
