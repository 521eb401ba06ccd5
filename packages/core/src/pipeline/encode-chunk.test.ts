import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { blockType } from "../blocks/block-table.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { EncodeTask } from "./chunk-task.js";
import { encodedRowBytes } from "./encode-chunk.js";
import { createInProcessExecutor } from "./in-process-executor.js";
import { runTasks, type TaskResult } from "./run-tasks.js";
import { createWorkspace } from "./workspace.js";
import { workspaceSizes } from "./workspace-sizes.js";

const [ROWS, COLUMNS] = [12, 256];
const backend = createReferenceBackend();
const VALUES = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => Math.sin(i * i) / (1 + (i % 7)));
const BYTES = new Uint8Array(2 * VALUES.length);
backend.encodeFloats("BF16", VALUES, BYTES);
const STORED = new Float32Array(VALUES.length);
backend.decodeFloats("BF16", BYTES, STORED);
const TENSOR: CheckpointTensor = {
  name: "a",
  dtype: "BF16",
  shape: [ROWS, COLUMNS],
  shard: "a",
  byteOffset: 0,
  byteLength: BYTES.length,
};
const REVERSED = Uint32Array.from({ length: ROWS }, (_, row) => ROWS - 1 - row);

async function run(settings: Partial<EncodeTask>, input: Uint8Array = BYTES) {
  const task: EncodeTask = {
    kind: "encode",
    name: "a",
    source: { kind: "tensor", tensor: TENSOR },
    shape: { rows: ROWS, columns: COLUMNS },
    type: "Q8_0",
    encoder: "ggml",
    measuresError: true,
    place: { file: "out", byteOffset: 3, byteLength: 0 },
    ...settings,
  };
  const output = new Uint8Array(3 + ROWS * encodedRowBytes(task));
  const environment: ChunkEnvironment & { close(): Promise<void> } = {
    checkpoint: {
      async read(_tensor, offset, target) {
        target.set(input.subarray(offset, offset + target.length));
      },
    },
    readsAhead: true,
    weights: {
      weights: new Map(),
      async open() {
        return {
          rows: ROWS,
          columns: COLUMNS,
          async read(begin, end, target) {
            target.set(STORED.subarray(begin * COLUMNS, end * COLUMNS));
          },
        };
      },
    },
    writer: {
      async write(_file, offset, bytes) {
        output.set(bytes, offset);
      },
      async close() {},
    },
    backend,
    quantizers: {},
    workspace: createWorkspace(backend, workspaceSizes([task])),
    throwIfAborted: () => {},
    async close() {},
  };
  const executor = createInProcessExecutor([task], environment);
  const results: TaskResult[] = [];
  await runTasks(executor, {
    quantizers: {},
    pending: [0],
    inputBytes: () => BYTES.length,
    taskDone: async (result) => void results.push(result),
  });
  return { bytes: output.subarray(3), result: results[0]! };
}

function expected(type: "Q8_0" | "Q4_K", values: Float32Array): Uint8Array {
  const { weights, bytes, encode } = blockType(type);
  const blocks = new Uint8Array((values.length / weights) * bytes);
  encode!(values, blocks);
  return blocks;
}

function reversedRows(): Float32Array {
  const values = new Float32Array(VALUES.length);
  REVERSED.forEach((from, to) => {
    values.set(STORED.subarray(from * COLUMNS, (from + 1) * COLUMNS), to * COLUMNS);
  });
  return values;
}

describe("encode chunk", () => {
  it("writes the blocks of ggml's rule, and measures their error", async () => {
    const { bytes, result } = await run({});
    expect(bytes).toEqual(expected("Q8_0", STORED));
    expect(result.errors!.weights).toBe(ROWS * COLUMNS);
    expect(result.errors!.noise / result.errors!.signal).toBeLessThan(1e-4);
    expect(result.errors!.noise).toBeGreaterThan(0);
  });

  it("measures nothing where it was not asked to", async () => {
    expect((await run({ measuresError: false })).result.errors).toBeUndefined();
  });

  it("puts rows in another order, of plain and of quantized weights", async () => {
    const blocks = expected("Q8_0", reversedRows());
    expect((await run({ rowOrder: REVERSED })).bytes).toEqual(blocks);
    const source = { kind: "weight", weight: "a" } as const;
    expect((await run({ rowOrder: REVERSED, source })).bytes).toEqual(blocks);
    expect((await run({ source })).bytes).toEqual(expected("Q8_0", STORED));
  });

  it("searches with importance where the type has a search", async () => {
    const importance = Float32Array.from({ length: COLUMNS }, (_, column) => (column < 32 ? 100 : 0.01));
    const ours = (await run({ type: "Q4_K", encoder: "lowbit", importance })).bytes;
    const plain = (await run({ type: "Q4_K", encoder: "lowbit" })).bytes;
    expect(ours).not.toEqual(plain);
    expect((await run({ type: "Q4_K" })).bytes).toEqual(expected("Q4_K", STORED));
  });

  it("writes plain values, exactly where they fit", async () => {
    const { bytes, result } = await run({ type: "F32" });
    expect(new Float32Array(bytes.slice().buffer)).toEqual(STORED);
    expect(result.errors!.noise).toBe(0);
  });

  it("refuses values that overflow, and weights that are not finite", async () => {
    const large = BYTES.slice();
    new DataView(large.buffer).setUint16(2 * 300, 0x7f00, true);
    await expect(run({ type: "F16" }, large)).rejects.toThrow(
      expect.objectContaining({ code: "pipeline/value-overflow" }),
    );
    new DataView(large.buffer).setUint16(2 * 300, 0x7f80, true);
    await expect(run({}, large)).rejects.toThrow(expect.objectContaining({ code: "pipeline/non-finite-weight" }));
  });
});
