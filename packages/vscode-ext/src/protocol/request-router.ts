import { checkRequest } from "./check-request.js";
import type { ReplyEnvelope, RequestFailure } from "./envelope.js";
import { CANCELLED } from "./request-failure.js";
import type { RequestName } from "./request-map.js";

/** What an answer may use while it is made. */
export interface RequestContext {
  /** Aborted when the asking side cancelled, or is gone. */
  readonly signal: AbortSignal;
  progress(progress: unknown): void;
}

/** A message as it came: nothing of it is checked. */
type Message = Readonly<Record<string, unknown>>;

/** Answers a request whose name and params were checked. `message` is the whole of it. */
export type Answer = (
  name: RequestName,
  params: unknown,
  context: RequestContext,
  message: Message,
) => Promise<unknown>;

export interface RequestRouter {
  /** To be called with whatever arrives; what is no message of ours is dropped. */
  receive(message: unknown): void;
  /** The asking side is gone: aborts everything, answers nothing. */
  reset(): void;
}

export interface RequestRouterOptions {
  readonly answer: Answer;
  readonly reply: (reply: ReplyEnvelope) => void;
  /** What a request ends in whose answer threw. */
  readonly failureOf: (error: unknown) => RequestFailure;
  /** Requests that may be open at once; more are refused. */
  readonly maxOpen?: number;
}

/** The answering side: checks what arrives and sees to it that every request ends in exactly one result or failure. */
export function createRequestRouter(options: RequestRouterOptions): RequestRouter {
  const { answer, reply, failureOf, maxOpen = 256 } = options;
  const open = new Map<number, AbortController>();

  function fail(id: number, failure: RequestFailure): void {
    reply({ kind: "failure", id, failure });
  }

  function succeed(id: number, result: unknown): void {
    try {
      reply({ kind: "result", id, result });
    } catch (error) {
      // A result that cannot cross the border.
      fail(id, failureOf(error));
    }
  }

  function begin(id: number, message: Message): void {
    // A second request of the same number could not be told from the first, whose answer ends both.
    if (open.has(id)) return;
    const request = checkRequest(message["name"], message["params"]);
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
    // Begun at once: what later messages change is no part of it. A throw is an answer, too.
    new Promise((resolve) => resolve(answer(request.name, request.params, context, message))).then(
      (result) => end(() => succeed(id, result)),
      (error: unknown) => end(() => fail(id, failureOf(error))),
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
      const { kind, id } = message as Message;
      if (typeof id !== "number" || !Number.isSafeInteger(id)) return;
      if (kind === "request") begin(id, message as Message);
      else if (kind === "cancel") cancel(id);
    },
    reset() {
      const controllers = [...open.values()];
      open.clear();
      for (const controller of controllers) controller.abort();
    },
  };
}
