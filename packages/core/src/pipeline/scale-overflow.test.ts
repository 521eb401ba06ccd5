import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { QUANTIZERS } from "../quantizers/quantizer-table.js";
import { resolveOptions } from "../quantizers/resolve-options.js";
import { readScales } from "../terms/scale-array.js";
import { arrayByteLength, termArrays } from "../terms/term-arrays.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { PlacedTerm, QuantizeTask } from "./chunk-task.js";
import { createInProcessExecutor } from "./in-process-executor.js";
import { runTasks } from "./run-tasks.js";
import { createWorkspace } from "./workspace.js";
import { workspaceSizes } from "./workspace-sizes.js";

const ROWS = 2;
const COLUMNS = 96;
type Given = Readonly<Record<string, unknown>>;

/** Every way of every method that chooses scales differently. */
const METHODS: readonly (readonly [method: string, options: Given])[] = [
  ...["symmetric", "integer", "minimum", "float"].map((zero) => ["rtn", { group: 32, zero }] as const),
  ["rtn", { group: "row", zero: "minimum", shrink: 20 }],
  ["rtn", { group: "tensor" }],
  ["hqq", { group: 32 }],
  ["nf4", { group: 32 }],
  ["fp4", { group: "row" }],
  ["binary", { group: 32, order: 2 }],
  ["binary", { group: 32, order: 1, mean: true }],
  ["binary", { group: "tensor", order: 2, mean: true }],
  ...["absmean", "twn", "least-squares"].flatMap((rule) => [
    ["ternary", { group: 32, rule }] as const,
    ["ternary", { group: "tensor", rule }] as const,
  ]),
  ["binary-coding", { group: 32, planes: 3 }],
  ["binary-coding", { group: "row", planes: 1 }],
  ["arb", { variant: "first-order" }],
  ["arb", { variant: "second-order", group: 32 }],
  ["arb", { variant: "row-column" }],
  ["svid", {}],
  ["db", { group: 32 }],
  ["db", { group: 32, iterations: 0 }],
];

/** Quantizes a matrix with the executor of one thread; what it wrote, by array. */
async function quantize(method: string, given: Given, weights: Float32Array): Promise<Map<string, Uint8Array>> {
  const quantizer = QUANTIZERS[method]!;
  const options = resolveOptions(quantizer, given);
  const shape = { rows: ROWS, columns: COLUMNS };
  const terms = quantizer.layout(shape, options).map(
    (layout, i): PlacedTerm => ({
      layout,
      arrays: termArrays(layout).map((spec) => ({
        spec,
        place: { file: `${i}.${spec.name}.${spec.dtype}`, byteOffset: 0, byteLength: arrayByteLength(spec) },
      })),
    }),
  );
  const source = new Uint8Array(weights.buffer);
  const tensor = { name: "a", dtype: "F32", shape: [ROWS, COLUMNS], shard: "a", byteOffset: 0 } as const;
  const task: QuantizeTask = {
    kind: "quantize",
    tensor: { ...tensor, byteLength: source.length },
    shape,
    method,
    options,
    terms,
  };
  const backend = createReferenceBackend();
  const written = new Map<string, Uint8Array>();
  const environment: ChunkEnvironment & { close(): Promise<void> } = {
    checkpoint: {
      async read(_tensor, offset, target) {
        target.set(source.subarray(offset, offset + target.length));
      },
    },
    readsAhead: false,
    writer: {
      async write(file, _offset, bytes) {
        written.set(file, bytes.slice());
      },
      async close() {},
    },
    backend,
    quantizers: QUANTIZERS,
    workspace: createWorkspace(backend, workspaceSizes([task])),
    throwIfAborted: () => {},
    async close() {},
  };
  const executor = createInProcessExecutor([task], environment);
  const run = { quantizers: QUANTIZERS, pending: [0], inputBytes: () => source.length, taskDone: async () => {} };
  try {
    await runTasks(executor, run);
  } catch (error) {
    expect(written.size).toBe(0);
    throw error;
  }
  return written;
}

const constant = (magnitude: number) =>
  Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => (i % 3 === 0 ? -magnitude : magnitude));

/** What stands in the arrays of a float dtype. */
const storedFloats = (written: ReadonlyMap<string, Uint8Array>): number[] =>
  [...written].flatMap(([file, bytes]) => {
    const dtype = file.split(".")[2]!;
    return dtype === "F16" || dtype === "BF16" || dtype === "F32" ? [...readScales(bytes, dtype)] : [];
  });

describe.each(METHODS)("%s %j", (method, options) => {
  it("refuses weights whose scales F16 cannot hold, and writes nothing", async () => {
    await expect(quantize(method, { ...options, scaleDtype: "F16" }, constant(1e30))).rejects.toThrow(
      expect.objectContaining({ code: "pipeline/scale-overflow" }),
    );
  });

  it("holds them with F32", async () => {
    const scales = storedFloats(await quantize(method, { ...options, scaleDtype: "F32" }, constant(1e30)));
    expect(scales.some((scale) => Math.abs(scale) > 1e28)).toBe(true);
    expect(scales.every(Number.isFinite)).toBe(true);
  });

  it.each(["F16", "BF16", "F32"])("stores no infinity and no NaN near the largest f32 (%s)", async (scaleDtype) => {
    try {
      const written = await quantize(method, { ...options, scaleDtype }, constant(3e38));
      const scales = storedFloats(written);
      expect(scales.every(Number.isFinite)).toBe(true);
      expect(scales.some((scale) => Math.abs(scale) > 1e30)).toBe(true);
    } catch (error) {
      expect(error).toMatchObject({ code: "pipeline/scale-overflow" });
    }
  });
});
