import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FromEngine, ModelSource } from "../protocol/engine-link.js";
import type { RequestFailure } from "../protocol/envelope.js";
import type { EngineRequestName, EngineRequests } from "../protocol/request-map.js";
import { createEngine, type Engine } from "./engine.js";
import { nodeEnvironment } from "./node/node-environment.js";

export const TINY_LLAMA: string = fileURLToPath(new URL("../../../../examples/tiny-llama", import.meta.url));

export interface Asked<N extends EngineRequestName> {
  readonly result?: EngineRequests[N]["result"];
  readonly failure?: RequestFailure;
  readonly progress: readonly EngineRequests[N]["progress"][];
}

export interface OpenRequest<N extends EngineRequestName> extends Promise<Asked<N>> {
  readonly cancel: () => void;
}

/** An engine in this process, and what it says. */
export interface EngineUnderTest {
  readonly engine: Engine;
  readonly log: string[];
  /** What came for requests that had ended: there must be nothing. */
  readonly stray: FromEngine[];
  /** Names a model by the next number. */
  open(source: ModelSource | string): number;
  ask<N extends EngineRequestName>(
    model: number,
    name: N,
    params: unknown,
    onProgress?: (progress: EngineRequests[N]["progress"]) => void,
  ): OpenRequest<N>;
  /** The result. @throws with the failure's code where there is none */
  get<N extends EngineRequestName>(
    model: number,
    name: N,
    params: EngineRequests[N]["params"],
  ): Promise<EngineRequests[N]["result"]>;
}

export async function engineUnderTest(): Promise<EngineUnderTest & { dispose(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "lowbit-engine-"));
  // Worker threads load it by its URL, as they do beside the bundles.
  const kernels = import.meta.resolve("@lowbit/kernels-wasm");
  await writeFile(
    join(folder, "engine-backend.mjs"),
    `import { createWasmBackend } from ${JSON.stringify(kernels)};
export const createBackend = () => createWasmBackend();
`,
  );
  await mkdir(join(folder, "kernels"));
  for (const variant of ["relaxed-simd", "simd128"]) {
    const { MODULE_BASE64 } = (await import(new URL(`generated/all/${variant}.js`, kernels).href)) as {
      readonly MODULE_BASE64: string;
    };
    await writeFile(join(folder, "kernels", `${variant}.wasm`), Buffer.from(MODULE_BASE64, "base64"));
  }
  const waiting = new Map<number, (message: Exclude<FromEngine, { kind: "ready" | "log" }>) => void>();
  const log: string[] = [];
  const stray: FromEngine[] = [];
  let lastModel = 0;
  let lastId = 0;
  const engine = createEngine({
    environment: nodeEnvironment(pathToFileURL(join(folder, "engine.mjs")).href),
    send: (message) => {
      // Messages cross a border between processes.
      const copy = structuredClone(message);
      if (copy.kind === "log") log.push(copy.text);
      else if (copy.kind !== "ready") (waiting.get(copy.id) ?? ((lost) => stray.push(lost)))(copy);
    },
  });
  engine.receive({
    kind: "configure",
    settings: { backend: "auto", memoryLimitBytes: 2 ** 28, outlierRule: { kind: "sigma", factor: 6 } },
  });
  const under: EngineUnderTest = {
    engine,
    log,
    stray,
    open(source) {
      lastModel += 1;
      const model: ModelSource = typeof source === "string" ? { kind: "path", path: source } : source;
      engine.receive({ kind: "model", model: lastModel, source: model });
      return lastModel;
    },
    ask<N extends EngineRequestName>(
      model: number,
      name: N,
      params: unknown,
      onProgress?: (progress: EngineRequests[N]["progress"]) => void,
    ) {
      lastId += 1;
      const id = lastId;
      const progress: EngineRequests[N]["progress"][] = [];
      const answer = new Promise<Asked<N>>((resolve) => {
        waiting.set(id, (message) => {
          if (message.kind === "progress") {
            progress.push(message.progress as EngineRequests[N]["progress"]);
            onProgress?.(message.progress as EngineRequests[N]["progress"]);
            return;
          }
          waiting.delete(id);
          if (message.kind === "failure") resolve({ failure: message.failure, progress });
          else resolve({ result: message.result as EngineRequests[N]["result"], progress });
        });
      });
      engine.receive({ kind: "request", id, model, name, params });
      return Object.assign(answer, { cancel: () => engine.receive({ kind: "cancel", id }) });
    },
    async get(model, name, params) {
      const { result, failure } = await under.ask(model, name, params);
      if (failure !== undefined) throw new Error(`${failure.code}: ${failure.message}`);
      return result!;
    },
  };
  return {
    ...under,
    async dispose() {
      engine.dispose();
      await rm(folder, { recursive: true });
    },
  };
}
