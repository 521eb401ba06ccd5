import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { LowbitError } from "../errors/index.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { CopyTask } from "./chunk-task.js";
import { createInProcessExecutor } from "./in-process-executor.js";
import { runTasks } from "./run-tasks.js";
import { createWorkspace } from "./workspace.js";
import { workspaceSizes } from "./workspace-sizes.js";

const BYTES = 20 * 2 ** 20 + 3;
const copy: CopyTask = {
  kind: "copy",
  tensor: { name: "a", dtype: "U8", shape: [BYTES], shard: "a.safetensors", byteOffset: 0, byteLength: BYTES },
  place: { file: "out", byteOffset: 5, byteLength: BYTES },
};

/** A tensor whose byte i is i mod 251, copied into memory; `fail` throws for a read. */
function fixture(fail: (offset: number) => boolean = () => false) {
  const output = new Uint8Array(BYTES + 5);
  const backend = createReferenceBackend();
  const opened = { reads: 0, closed: 0 };
  const environment: ChunkEnvironment & { close(): Promise<void> } = {
    checkpoint: {
      async read(_tensor, offset, target) {
        opened.reads++;
        if (fail(offset)) throw new LowbitError("bytes/short-read", "ends early");
        for (let i = 0; i < target.length; i++) target[i] = (offset + i) % 251;
      },
    },
    readsAhead: true,
    writer: {
      async write(_file, offset, bytes) {
        output.set(bytes, offset);
      },
      async close() {},
    },
    backend,
    quantizers: {},
    workspace: createWorkspace(backend, workspaceSizes([copy])),
    throwIfAborted: () => {},
    async close() {
      opened.closed++;
    },
  };
  return { output, opened, executor: createInProcessExecutor([copy], environment) };
}

const options = { quantizers: {}, pending: [0], inputBytes: () => BYTES, taskDone: async () => {} };

describe("in-process executor", () => {
  it("copies a tensor of several chunks to its place", async () => {
    const { output, executor } = fixture();
    let done = 0;
    const count = (_task: number, bytes: number): void => {
      done += bytes;
    };
    await runTasks(executor, { ...options, chunkDone: count });
    await executor.close();
    expect(done).toBe(BYTES);
    expect(output.subarray(0, 5)).toEqual(new Uint8Array(5));
    expect(output.subarray(5).findIndex((byte, i) => byte !== i % 251)).toBe(-1);
  });

  it("begins nothing after the first failure", async () => {
    const { opened, executor } = fixture((offset) => offset >= 2 ** 20);
    await expect(runTasks(executor, options)).rejects.toThrow(expect.objectContaining({ code: "bytes/short-read" }));
    expect(opened.reads).toBe(3);
    await executor.close();
    expect(opened.closed).toBe(1);
  });
});
