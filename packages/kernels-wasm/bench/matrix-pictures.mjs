// What a viewer computes of one weight with WASM kernels:
//   node packages/kernels-wasm/bench/matrix-pictures.mjs [checkpoint weight]     (build first)
// Without arguments: a BF16 weight of 4096 × 11008 in a temporary file. Every figure is the median of 5 runs, best in
// brackets; files are in the page cache.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  coarseRowStep,
  decodedCheckpoint,
  errorMap,
  groupScales,
  matrixShape,
  outlierMap,
  recogniseWeights,
  scaleMap,
  signMap,
  tensorProfiles,
  tensorStatistics,
  valueWindow,
  weightLevels,
} from "@lowbit/core";
import { openCheckpoint } from "@lowbit/core/node";
import { createWasmBackend } from "../dist/index.js";

const RUNS = 5;
const [ROWS, COLUMNS] = [4096, 11008];

/** Normal weights, std 0.02; rows repeat after 64. */
function writeWeight(path) {
  const header = JSON.stringify({
    weight: { dtype: "BF16", shape: [ROWS, COLUMNS], data_offsets: [0, ROWS * COLUMNS * 2] },
  });
  const head = Buffer.alloc(8 + header.length);
  head.writeBigUInt64LE(BigInt(header.length));
  head.write(header, 8);
  const floats = Float32Array.from({ length: 64 * COLUMNS }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    return 0.02 * radius * Math.cos(2 * Math.PI * Math.random());
  });
  const rows = Uint16Array.from(new Uint32Array(floats.buffer), (bits) => bits >>> 16);
  const file = openSync(path, "w");
  writeSync(file, head);
  for (let row = 0; row < ROWS; row += 64) writeSync(file, new Uint8Array(rows.buffer));
  closeSync(file);
}

async function timed(label, run) {
  const times = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(`${label.padEnd(44)} ${times[RUNS >> 1].toFixed(0).padStart(6)} ms  (${times[0].toFixed(0)})`);
}

const directory = mkdtempSync(join(tmpdir(), "lowbit-pictures-"));
const backend = await createWasmBackend();
try {
  const [path = join(directory, "model.safetensors"), name = "weight"] = process.argv.slice(2);
  if (process.argv.length <= 2) writeWeight(path);
  const stored = await openCheckpoint(path);
  const checkpoint = decodedCheckpoint(stored, backend);
  const weight = recogniseWeights(stored).find((candidate) => candidate.name === name);
  const tensor = checkpoint.tensor(name);
  const shape = matrixShape(tensor.shape);
  const context = { backend };
  const size = { maxWidth: 1024, maxHeight: 512 };
  const coarse = { ...size, rowStep: coarseRowStep(shape) };
  const map = (options) => outlierMap(checkpoint, tensor, { ...options, threshold: 0.12 }, context);
  const middle = (size_, most) => ({ begin: Math.max(0, (size_ - most) >> 1), length: Math.min(size_, most) });
  const window = (rows, columns) => {
    const [down, across] = [middle(shape.rows, rows), middle(shape.columns, columns)];
    return { row: down.begin, rows: down.length, column: across.begin, columns: across.length };
  };
  console.log(`${name}, ${shape.rows} × ${shape.columns}, ${weight.kind}; ${backend.isa}, Node ${process.version}`);
  await timed(`outlier map, coarse (one row in ${coarse.rowStep})`, () => map(coarse));
  await timed("outlier map", () => map(size));
  await timed("outlier map, window of 512 × 512", () => map({ ...size, window: window(512, 512) }));
  await timed("outlier map, window of 128 columns", () => map({ ...size, window: window(shape.rows, 128) }));
  await timed("sign map, coarse", () => signMap(checkpoint, tensor, coarse, context));
  await timed("sign map", () => signMap(checkpoint, tensor, size, context));
  const side = { checkpoint, tensor };
  await timed("error map, coarse", () => errorMap(side, side, coarse, context));
  await timed("error map", () => errorMap(side, side, size, context));
  await timed("profiles", () => tensorProfiles(checkpoint, tensor, context));
  await timed("256 × 256 values", () => valueWindow(checkpoint, tensor, window(256, 256), context));
  await timed("statistics", () => tensorStatistics(checkpoint, tensor, context));
  if (weight.kind === "quantized") {
    const open = async () => ({ name, terms: weight.terms, reader: await weight.open() });
    await timed("levels of 128 columns", () =>
      weightLevels(checkpoint, tensor, { row: 0, column: 0, columns: Math.min(128, shape.columns) }, context),
    );
    await timed("group scales", async () => groupScales(await open(), context));
    await timed("scale map, coarse", async () => scaleMap(await open(), coarse, context));
    await timed("scale map", async () => scaleMap(await open(), size, context));
  }
  await checkpoint.close();
} finally {
  backend.close();
  rmSync(directory, { recursive: true });
}
