// Opening checkpoints against JSON.parse: node packages/core/bench/open-checkpoint.mjs     (build first: npm run build)
// Each fresh figure is the median of 10 processes of their own, in turn, so that a busy machine hurts all alike.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openCheckpoint, openFileSource } from "../dist/node/index.js";
import { layOutFile, planShards, readShardIndex, shardIndexText } from "../dist/safetensors/index.js";

const PROCESSES = 10;
const ROUNDS = 41;
const INDEX = "model.safetensors.index.json";

/** What is timed; `directory` holds the files that `prepare` wrote. */
const TASKS = {
  async parseHeader(directory) {
    const bytes = readFileSync(join(directory, "head.json"));
    return () => JSON.parse(new TextDecoder().decode(bytes));
  },
  async open(directory) {
    return () => openCheckpoint(join(directory, "model.safetensors"));
  },
  async openAndList(directory) {
    return () => openAndList(join(directory, "model.safetensors"));
  },
  async parseIndex(directory) {
    return () => JSON.parse(new TextDecoder().decode(readFileSync(join(directory, INDEX))));
  },
  async readIndex(directory) {
    return async () => {
      const source = await openFileSource(join(directory, INDEX));
      await readShardIndex(source);
      return source;
    };
  },
  async openSharded(directory) {
    return () => openAndList(directory);
  },
};

async function openAndList(path) {
  const checkpoint = await openCheckpoint(path);
  if (checkpoint.tensors.length === 0) throw new Error("no tensors");
  return checkpoint;
}

/** CPU time of this process, all threads, and wall time; milliseconds. */
async function measure(work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await result?.close?.();
  return { wall, cpu: (user + system) / 1000, peak: process.resourceUsage().maxRSS / 1024 };
}

const [task, directory] = process.argv.slice(2);
if (task === undefined) report();
else console.log(JSON.stringify(await measure(await TASKS[task](directory))));

async function report() {
  const small = prepareHeader();
  const large = prepareShards();
  try {
    const header = ["parseHeader", "open", "openAndList"];
    const fresh = freshFigures(header, small, PROCESSES);
    const warm = await warmFigures(header, small);
    console.log("header of 10 000 tensors, 1.2 MiB; × JSON.parse of the same bytes");
    console.table({
      "fresh process, CPU ms": row(header, fresh, "cpu"),
      "fresh process, wall ms": row(header, fresh, "wall"),
      [`warm, CPU ms (${ROUNDS} rounds)`]: row(header, warm, "cpu"),
    });
    const index = ["parseIndex", "readIndex", "openSharded"];
    const once = freshFigures(index, large, 3);
    console.log("index of 500 000 entries, 45 MiB, 1000 shards; openSharded reads all headers and lists the tensors");
    console.table({
      "fresh process, CPU ms": row(index, once, "cpu"),
      "fresh process, wall ms": row(index, once, "wall"),
      "peak memory, MiB": row(index, once, "peak"),
    });
  } finally {
    for (const path of [small, large]) rmSync(path, { recursive: true });
  }
}

function freshFigures(tasks, directory, processes) {
  const figures = Object.fromEntries(tasks.map((name) => [name, []]));
  for (let round = 0; round < processes; round++) {
    for (const name of tasks) {
      const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), name, directory]);
      figures[name].push(JSON.parse(output));
    }
  }
  return figures;
}

async function warmFigures(tasks, directory) {
  const figures = Object.fromEntries(tasks.map((name) => [name, []]));
  const works = await Promise.all(tasks.map((name) => TASKS[name](directory)));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, name] of tasks.entries()) figures[name].push(await measure(works[index]));
  }
  return figures;
}

/** Medians, with their ratio to the first task. */
function row(tasks, figures, key) {
  const median = (name) => figures[name].map((figure) => figure[key]).sort((a, b) => a - b)[figures[name].length >> 1];
  return Object.fromEntries(
    tasks.map((name) => [name, `${median(name).toFixed(1)} (${(median(name) / median(tasks[0])).toFixed(2)} ×)`]),
  );
}

/** One file, its data a hole, and its header alone for JSON.parse. */
function prepareHeader() {
  const path = mkdtempSync(join(tmpdir(), "lowbit-bench-"));
  const specs = Array.from({ length: 10_000 }, (_, index) => ({
    name: `model.layers.${Math.floor(index / 200)}.mlp.experts.${index % 200}.down_proj.weight`,
    dtype: "BF16",
    shape: [128, 256],
  }));
  const { head, byteLength } = layOutFile(specs, { format: "pt" });
  writeFileSync(join(path, "head.json"), head.subarray(8));
  writeFileSync(join(path, "model.safetensors"), head);
  truncateSync(join(path, "model.safetensors"), byteLength);
  return path;
}

/** 500 000 tensors in 1000 shards with an index; all data are holes. */
function prepareShards() {
  const path = mkdtempSync(join(tmpdir(), "lowbit-bench-"));
  const specs = Array.from({ length: 500_000 }, (_, index) => ({
    name: `model.layers.${index % 64}.mlp.experts.${index}.down_proj.weight`,
    dtype: "U8",
    shape: [10_000],
  }));
  const shards = planShards(specs, 5_000_000);
  writeFileSync(join(path, INDEX), shardIndexText(shards));
  for (const { name, tensors } of shards) {
    const { head, byteLength } = layOutFile(tensors, { format: "pt" });
    writeFileSync(join(path, name), head);
    truncateSync(join(path, name), byteLength);
  }
  return path;
}
