import type { KernelBackend } from "@lowbit/core/backend";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { RequestError } from "../protocol/request-error.js";
import { CANCELLED } from "../protocol/request-failure.js";
import type { CreatedBackend } from "./environment.js";

/** Longest time without a turn of the event loop, in milliseconds. */
const TURN_MS = 25;

/**
 * A queue of scans with a backend of its own, because a backend does one scan at a time. Lanes have an order: a lane that
 * reads waits while one before it has work, so that a picture never waits for a run over the whole model.
 */
export interface Lane {
  /** Does `work` when everything asked for before it in this lane is done. */
  run<T>(signal: AbortSignal, work: (backend: KernelBackend) => Promise<T>): Promise<T>;
  /** The same checkpoint, whose reads give way to the lanes before this one and let messages in. */
  courteous(checkpoint: Checkpoint): Checkpoint;
  /** The next scan makes another backend. */
  forgetBackend(): void;
}

export function createLane(before: readonly Lane[], createBackend: () => Promise<CreatedBackend>): Lane {
  let backend: Promise<CreatedBackend> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let lastTurn = performance.now();
  const waiting = { count: 0, idle: Promise.withResolvers<void>() };
  const lane: InternalLane = {
    idle: () => (waiting.count === 0 ? undefined : waiting.idle.promise),
    run(signal, work) {
      waiting.count++;
      const turn = last.then(async () => {
        throwIfCancelled(signal);
        backend ??= createBackend();
        const created = await backend.catch((error: unknown) => {
          backend = undefined;
          throw error;
        });
        throwIfCancelled(signal);
        return work(created.backend);
      });
      last = turn.then(done, done);
      return turn;
    },
    courteous(checkpoint) {
      const read: Checkpoint["read"] = async (tensor, offset, target, options) => {
        await giveWay(options?.signal);
        await checkpoint.read(tensor, offset, target, options);
      };
      return Object.create(checkpoint, { read: { value: read } }) as Checkpoint;
    },
    forgetBackend() {
      const old = backend;
      backend = undefined;
      if (old === undefined) return;
      last = last.then(() =>
        old.then(
          (created) => created.backend.close(),
          () => {},
        ),
      );
    },
  };

  function done(): void {
    waiting.count--;
    if (waiting.count > 0) return;
    waiting.idle.resolve();
    waiting.idle = Promise.withResolvers();
  }

  async function giveWay(signal: AbortSignal | undefined): Promise<void> {
    if (performance.now() - lastTurn >= TURN_MS) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      lastTurn = performance.now();
    }
    for (const other of before as readonly InternalLane[]) {
      for (let idle = other.idle(); idle !== undefined && !signal?.aborted; idle = other.idle()) await idle;
    }
  }
  return lane;
}

interface InternalLane extends Lane {
  /** Settles when nothing waits or runs; undefined when that is so already. */
  idle(): Promise<void> | undefined;
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new RequestError(CANCELLED);
}
