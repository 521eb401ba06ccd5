import { checkRequest, isHostRequest } from "../protocol/check-request.js";
import type { FromEngine, ToEngine } from "../protocol/engine-link.js";
import type { RequestFailure } from "../protocol/envelope.js";
import { CANCELLED } from "../protocol/request-failure.js";
import type { EngineRequestName } from "../protocol/request-map.js";
import type { EngineSettings } from "../protocol/settings.js";
import type { CreatedBackend, EngineEnvironment } from "./environment.js";
import { engineFailure, isFault } from "./failure.js";
import type { EngineServices, HandlerContext } from "./handler.js";
import { createLane, type Lane } from "./lane.js";
import { type NamedModel, nameModel } from "./model-slot.js";
import { REQUEST_TABLE } from "./request-table.js";

export interface Engine {
  /** To be called with every message of the host; never throws. */
  receive(message: ToEngine): void;
  /** Ends everything: the host is gone. */
  dispose(): void;
}

export interface EngineOptions {
  readonly environment: EngineEnvironment;
  readonly send: (message: FromEngine) => void;
}

interface OpenRequest {
  readonly model: number;
  readonly controller: AbortController;
}

const DEFAULT_SETTINGS: EngineSettings = {
  backend: "auto",
  memoryLimitBytes: 2 ** 30,
  outlierRule: { kind: "sigma", factor: 6 },
};

const CHANGED: RequestFailure = {
  code: "engine/model-changed",
  message: "The model was closed, or its file changed, while this was being found out.",
  remedy: "Ask again: the present file is opened.",
};

/** Answers every request about every model of a window; each ends in exactly one result or failure. */
export function createEngine({ environment, send }: EngineOptions): Engine {
  const models = new Map<number, NamedModel>();
  const open = new Map<number, OpenRequest>();
  let settings = DEFAULT_SETTINGS;
  let backend: string | undefined;

  const createBackend = async (): Promise<CreatedBackend> => {
    const created = await environment.createBackend(settings);
    if (backend !== created.description) send({ kind: "log", level: "info", text: `Kernels: ${created.description}` });
    backend = created.description;
    return created;
  };
  const pictures = createLane([], createBackend);
  const figures = createLane([pictures], createBackend);
  const trials = createLane([pictures, figures], createBackend);
  const modelRuns = createLane([pictures, figures, trials], createBackend);
  const lanes: readonly Lane[] = [pictures, figures, trials, modelRuns];
  const services: EngineServices = {
    environment,
    lanes: { pictures, figures, trials, models: modelRuns },
    settings: () => settings,
    backend: () => backend,
  };

  function configure(next: EngineSettings): void {
    const isOtherBackend = next.backend !== settings.backend || next.nativeKernelsPath !== settings.nativeKernelsPath;
    settings = next;
    if (!isOtherBackend) return;
    backend = undefined;
    for (const lane of lanes) lane.forgetBackend();
  }

  function fail(id: number, failure: RequestFailure): void {
    send({ kind: "failure", id, failure });
  }

  function begin({ id, model, name, params }: Extract<ToEngine, { kind: "request" }>): void {
    // A second request of the same number could not be told from the first, whose answer ends both.
    if (open.has(id)) return;
    const request = checkRequest(name, params);
    if (!request.isValid) {
      fail(id, request.failure);
      return;
    }
    if (isHostRequest(request.name)) {
      fail(id, { code: "protocol/unknown-request", message: `The engine does not answer ${request.name}.` });
      return;
    }
    const slot = models.get(model);
    if (slot === undefined) {
      fail(id, { code: "engine/unknown-model", message: `No model has the number ${model}.` });
      return;
    }
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, slot.signal]);
    const own: OpenRequest = { model, controller };
    open.set(id, own);
    const isOpen = (): boolean => open.get(id) === own;
    // The table and the schemas agree on what params belong to a name; the type of a union of handlers does not say so.
    const handler = REQUEST_TABLE[request.name] as (context: unknown) => unknown;
    const context: HandlerContext<EngineRequestName> = {
      params: request.params as never,
      model: slot,
      services,
      signal,
      progress: (progress: unknown) => {
        if (isOpen()) send({ kind: "progress", id, progress });
      },
    };
    Promise.resolve()
      .then(() => handler(context))
      .then(
        (result: unknown) => {
          if (!isOpen()) return;
          open.delete(id);
          send({ kind: "result", id, result });
        },
        (error: unknown) => {
          if (isFault(error) && !signal.aborted) logFault(request.name, error);
          if (!isOpen()) return;
          open.delete(id);
          fail(id, slot.signal.aborted ? CHANGED : engineFailure(error));
        },
      );
  }

  function logFault(name: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    send({ kind: "log", level: "error", text: `${name}: ${text}` });
  }

  function cancel(id: number): void {
    const request = open.get(id);
    if (request === undefined) return;
    open.delete(id);
    request.controller.abort();
    fail(id, CANCELLED);
  }

  function closeModel(number: number): void {
    models.get(number)?.close();
    models.delete(number);
    for (const [id, { model }] of open) {
      if (model !== number) continue;
      open.delete(id);
      fail(id, CHANGED);
    }
  }

  return {
    receive(message) {
      switch (message.kind) {
        case "kernels":
          // Only a web worker gets them, and keeps them for its backend.
          return undefined;
        case "configure":
          return configure(message.settings);
        case "model":
          closeModel(message.model);
          models.set(message.model, nameModel(message.source, environment));
          return undefined;
        case "close-model":
          return closeModel(message.model);
        case "request":
          return begin(message);
        case "cancel":
          return cancel(message.id);
      }
    },
    dispose() {
      for (const number of [...models.keys()]) closeModel(number);
      for (const lane of lanes) lane.forgetBackend();
    },
  };
}
