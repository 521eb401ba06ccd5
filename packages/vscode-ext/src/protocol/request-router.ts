import { checkRequest } from "./check-request.js";
import type { ReplyEnvelope, RequestFailure } from "./envelope.js";
import { CANCELLED, failureOf } from "./request-failure.js";
import type { RequestName } from "./request-map.js";

/** What an answer may use while it is made. */
export interface RequestContext {
  /** Aborted when the asking side cancelled, or is gone. */
  readonly signal: AbortSignal;
  progress(progress: unknown): void;
}

/** Answers a request whose name and params were checked. */
export type Answer = (name: RequestName, params: unknown, context: RequestContext) => Promise<unknown>;

export interface RequestRouter {
  /** To be called with whatever arrives; what is no message of ours is dropped. */
  receive(message: unknown): void;
  /** The asking side is gone: aborts everything, answers nothing. */
  reset(): void;
}

export interface RequestRouterOptions {
  readonly answer: Answer;
  readonly reply: (reply: ReplyEnvelope) => void;
  /** Code of an error that has none. */
  readonly faultCode: string;
  /** Requests that may be open at once; more are refused. */
  readonly maxOpen?: number;
}

/** The answering side: checks what arrives and sees to it that every request ends in exactly one result or failure. */
export function createRequestRouter(options: RequestRouterOptions): RequestRouter {
  const { answer, reply, faultCode, maxOpen = 256 } = options;
  const open = new Map<number, AbortController>();

  function fail(id: number, failure: RequestFailure): void {
    reply({ kind: "failure", id, failure });
  }

  function begin(id: number, requestedName: unknown, requestedParams: unknown): void {
    // A second request of the same number could not be told from the first, whose answer ends both.
    if (open.has(id)) return;
    const request = checkRequest(requestedName, requestedParams);
    if (!request.isValid) {
      fail(id, request.failure);
      return;
    }
    if (open.size >= maxOpen) {
      fail(id, { code: "protocol/too-many-requests", message: `More than ${maxOpen} requests are open.` });
      return;
    }
    const controller = new AbortController();
    open.set(id, controller);
    const isOpen = (): boolean => open.get(id) === controller;
    const context: RequestContext = {
      signal: controller.signal,
      progress: (progress) => {
        if (isOpen()) reply({ kind: "progress", id, progress });
      },
    };
    const end = (send: () => void): void => {
      if (!isOpen()) return;
      open.delete(id);
      send();
    };
    Promise.resolve()
      .then(() => answer(request.name, request.params, context))
      .then(
        (result) => end(() => reply({ kind: "result", id, result })),
        (error: unknown) => end(() => fail(id, failureOf(error, faultCode))),
      );
  }

  function cancel(id: number): void {
    const controller = open.get(id);
    if (controller === undefined) return;
    open.delete(id);
    controller.abort();
    fail(id, CANCELLED);
  }

  return {
    receive(message) {
      if (typeof message !== "object" || message === null) return;
      const { kind, id, name, params } = message as Readonly<Record<string, unknown>>;
      if (typeof id !== "number" || !Number.isSafeInteger(id)) return;
      if (kind === "request") begin(id, name, params);
      else if (kind === "cancel") cancel(id);
    },
    reset() {
      const controllers = [...open.values()];
      open.clear();
      for (const controller of controllers) controller.abort();
    },
  };
}
