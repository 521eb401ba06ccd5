import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { quantizeCheckpoint } from "@lowbit/core/node";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { writeSafetensors } from "@lowbit/core/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// A test that hangs here is a run that would hang: vitest ends it after its time limit.

const REFERENCE = `import { createReferenceBackend } from "${import.meta.resolve("@lowbit/core/backend")}";`;
/** Source of a backend module by what goes wrong in it. */
const MODULES: Readonly<Record<string, string>> = {
  "throws at import": 'throw new Error("broken");',
  "is no JavaScript": "export const createBackend = ((",
  "imports what is not there": 'import "./not-there.mjs";',
  "has no such export": "export const other = 1;",
  "throws no error object": "export const createBackend = () => { throw null; };",
  "ends its thread": "export const createBackend = () => process.exit(0);",
  "never answers": "export const createBackend = () => new Promise(() => {});",
  "throws while a timer keeps its thread alive":
    'export const createBackend = () => { setInterval(() => {}, 1000); throw new Error("broken"); };',
  "throws in one thread and never answers in the other": `import { threadId } from "node:worker_threads";
    export const createBackend = () => {
      if (threadId % 2 === 0) throw new Error("broken");
      return new Promise(() => setInterval(() => {}, 1000));
    };`,
  "throws in one thread while the other works": `import { threadId } from "node:worker_threads"; ${REFERENCE}
    export const createBackend = () => {
      if (threadId % 2 === 0) throw new Error("broken");
      return createReferenceBackend();
    };`,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-worker-start-"));
  const data = new Uint8Array(Float32Array.from({ length: 64 * 64 }, (_, index) => Math.sin(index)).buffer);
  await writeFile(
    join(folder, "in.safetensors"),
    writeSafetensors([{ name: "a.weight", dtype: "F32", shape: [64, 64], data }]),
  );
});
afterAll(() => rm(folder, { recursive: true }));

function quantize(module: string, signal?: AbortSignal) {
  return quantizeCheckpoint({
    input: join(folder, "in.safetensors"),
    output: join(folder, "out.safetensors"),
    plan: { method: "rtn", options: {}, rules: [] },
    quantizers: QUANTIZERS,
    threads: 2,
    backend: { module: pathToFileURL(module).href, exportName: "createBackend" },
    ...(signal && { signal }),
  });
}

describe("a run whose backend module", { timeout: 30_000 }, () => {
  it.each(Object.entries(MODULES))("%s ends with pipeline/worker-failed", async (name, source) => {
    const module = join(folder, `${name.replaceAll(" ", "-")}.mjs`);
    await writeFile(module, source);
    await expect(quantize(module)).rejects.toThrow(expect.objectContaining({ code: "pipeline/worker-failed" }));
    expect((await readdir(folder)).filter((file) => file.startsWith("out"))).toEqual([]);
  });

  it("never gets ready can be cancelled", async () => {
    const module = join(folder, "waits.mjs");
    await writeFile(module, "export const createBackend = () => new Promise(() => setInterval(() => {}, 1000));");
    await expect(quantize(module, AbortSignal.timeout(500))).rejects.toThrow(
      expect.objectContaining({ code: "pipeline/aborted" }),
    );
  });
});
