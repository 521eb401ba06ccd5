import type { FromEngine, ToEngine } from "../protocol/engine-link.js";
import type { LaunchEngine } from "./engine-process.js";

const KERNELS = ["relaxed-simd", "simd128"] as const;

/**
 * Starts the engine as a web worker, with `read` for the files of the extension's dist. Workers may not be loaded from the
 * origin of these files, so the worker is made of the bundle's text, and the kernels are handed over.
 */
export function launchEngineWorker(read: (file: string) => Promise<Uint8Array>): LaunchEngine {
  return ({ onMessage, onEnd }) => {
    let worker: Worker | undefined;
    let hasEnded = false;
    const waiting: ToEngine[] = [];
    const end = (reason: string): void => {
      if (hasEnded) return;
      hasEnded = true;
      worker?.terminate();
      onEnd(reason);
    };
    read("engine.web.js").then(
      (bundle) => {
        if (hasEnded) return;
        const url = URL.createObjectURL(new Blob([bundle as Uint8Array<ArrayBuffer>], { type: "text/javascript" }));
        try {
          worker = new Worker(url, { name: "lowbit engine" });
        } catch (error) {
          end(String(error));
          return;
        }
        worker.onmessage = (event: MessageEvent<FromEngine>) => {
          // It runs: its text is not needed any more.
          if (event.data.kind === "ready") URL.revokeObjectURL(url);
          onMessage(event.data);
        };
        worker.onerror = (event) => end(event.message || "the worker failed");
        for (const message of waiting.splice(0)) worker.postMessage(message);
        void readKernels(read).then((modules) => worker?.postMessage({ kind: "kernels", modules } satisfies ToEngine));
      },
      (error: unknown) => end(String(error)),
    );
    return {
      post: (message) => {
        if (worker === undefined) waiting.push(message);
        else worker.postMessage(message);
      },
      stop: () => end("it was stopped"),
    };
  };
}

/** Kernels that cannot be read are left out: the engine then says that it computes without them. */
async function readKernels(
  read: (file: string) => Promise<Uint8Array>,
): Promise<Extract<ToEngine, { kind: "kernels" }>["modules"]> {
  const modules = KERNELS.map(async (variant) => {
    try {
      return [{ variant, bytes: await read(`kernels/${variant}.wasm`) }];
    } catch {
      return [];
    }
  });
  return (await Promise.all(modules)).flat();
}
