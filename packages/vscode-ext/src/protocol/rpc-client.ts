import type { ReplyEnvelope, RequestEnvelope, RequestFailure } from "./envelope.js";
import { RequestError } from "./request-error.js";
import { CANCELLED, failureOf } from "./request-failure.js";
import type { ParamsOf, ProgressOf, RequestName, ResultOf } from "./request-map.js";

export { RequestError } from "./request-error.js";

export interface RequestOptions<N extends RequestName> {
  /** Aborting it cancels the request: it ends in the failure "protocol/cancelled". */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ProgressOf<N>) => void) | undefined;
}

/** Asks the other side; rejects with a {@link RequestError}. */
export type Ask = <N extends RequestName>(
  name: N,
  params: ParamsOf<N>,
  options?: RequestOptions<N>,
) => Promise<ResultOf<N>>;

export interface RpcClient {
  readonly request: Ask;
  /** To be called with every reply; replies to unknown requests are dropped. */
  receive(reply: ReplyEnvelope): void;
  /** Ends every open request in this failure: the other side is gone. */
  failAll(failure: RequestFailure): void;
}

interface OpenRequest {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: RequestError) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
  readonly release: () => void;
}

/**
 * Numbers of a page's requests. A page that was hidden is made anew and could take the late reply to a request of its
 * former self for its own; so every page begins at a random place.
 */
function randomlyPlacedNumbers(): () => number {
  let last = Math.floor(Math.random() * 2 ** 32) * 2 ** 16;
  return () => {
    last += 1;
    return last;
  };
}

/** The asking side: numbers requests, matches replies, passes cancellation on. */
export function createRpcClient(
  send: (envelope: RequestEnvelope) => void,
  nextId: () => number = randomlyPlacedNumbers(),
): RpcClient {
  const open = new Map<number, OpenRequest>();

  function end(id: number): OpenRequest | undefined {
    const request = open.get(id);
    open.delete(id);
    request?.release();
    return request;
  }

  function fail(id: number, failure: RequestFailure): void {
    end(id)?.reject(new RequestError(failure));
  }

  const request: Ask = (name, params, options = {}) =>
    new Promise((resolve, reject) => {
      const { signal } = options;
      if (signal?.aborted) {
        reject(new RequestError(CANCELLED));
        return;
      }
      const id = nextId();
      // The asking side does not wait for the other to confirm: what it cancelled, it no longer wants.
      const onAbort = (): void => {
        fail(id, CANCELLED);
        send({ kind: "cancel", id });
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      open.set(id, {
        resolve: resolve as (result: unknown) => void,
        reject,
        onProgress: options.onProgress as OpenRequest["onProgress"],
        release: () => signal?.removeEventListener("abort", onAbort),
      });
      try {
        send({ kind: "request", id, name, params });
      } catch (error) {
        fail(id, failureOf(error, "protocol/not-sent"));
      }
    });

  return {
    request,
    receive(reply) {
      if (reply.kind === "progress") open.get(reply.id)?.onProgress?.(reply.progress as never);
      else if (reply.kind === "result") end(reply.id)?.resolve(reply.result);
      else fail(reply.id, reply.failure);
    },
    failAll(failure) {
      for (const id of [...open.keys()]) fail(id, failure);
    },
  };
}
