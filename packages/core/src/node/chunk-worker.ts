import { parentPort, workerData } from "node:worker_threads";
import { abortError } from "../pipeline/abort.js";
import { runChunk } from "../pipeline/run-chunk.js";
import { QUANTIZERS } from "../quantizers/quantizer-table.js";
import { type ChunkSetup, type FromWorker, openChunkEnvironment, type ToWorker, toPlainError } from "./chunk-setup.js";
import { ownedBuffers } from "./owned-buffers.js";

// The entry of a worker thread: opens its own files and backend, then does one chunk after another.

const port = parentPort!;
const { setup, abortFlag } = workerData as { readonly setup: ChunkSetup; readonly abortFlag: Int32Array };
const send = (message: FromWorker, handedOver: ArrayBuffer[] = []): void => port.postMessage(message, handedOver);
const throwIfAborted = (): void => {
  if (Atomics.load(abortFlag, 0) !== 0) throw abortError();
};

try {
  const environment = await openChunkEnvironment(setup, QUANTIZERS, throwIfAborted, true);
  let last: Promise<void> = Promise.resolve();
  port.on("message", (message: ToWorker) => {
    last = last.then(async () => {
      if (message === "close") {
        await environment.close();
        port.close();
        return;
      }
      try {
        const result = await runChunk(setup.tasks, message.job, environment);
        send({ kind: "done", id: message.id, result }, ownedBuffers(result));
      } catch (error) {
        send({ kind: "failed", id: message.id, error: toPlainError(error) });
      }
    });
  });
  send({ kind: "ready", backend: `${environment.backend.name} ${environment.backend.isa}` });
} catch (error) {
  send({ kind: "failed", id: undefined, error: toPlainError(error) });
  port.close();
}
