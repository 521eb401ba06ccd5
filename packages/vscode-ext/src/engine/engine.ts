import { isHostRequest } from "../protocol/check-request.js";
import type { FromEngine, ToEngine } from "../protocol/engine-link.js";
import type { RequestFailure } from "../protocol/envelope.js";
import { RequestError } from "../protocol/request-error.js";
import type { EngineRequestName } from "../protocol/request-map.js";
import { type Answer, createRequestRouter } from "../protocol/request-router.js";
import type { EngineSettings } from "../protocol/settings.js";
import type { CreatedBackend, EngineEnvironment } from "./environment.js";
import { engineFailure, isFault, refusal } from "./failure.js";
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

  const answer: Answer = async (name, params, { signal: cancelled, progress }, message) => {
    const { model } = message;
    if (isHostRequest(name)) throw refusal("protocol/unknown-request", `The engine does not answer ${name}.`);
    const slot = models.get(model as number);
    if (slot === undefined) throw refusal("engine/unknown-model", `No model has the number ${model}.`);
    const signal = AbortSignal.any([cancelled, slot.signal]);
    const changed = Promise.withResolvers<never>();
    const onClose = (): void => changed.reject(new RequestError(CHANGED));
    slot.signal.addEventListener("abort", onClose);
    // The table and the schemas agree on what params belong to a name; the type of a union of handlers does not say so.
    const handler = REQUEST_TABLE[name] as (context: unknown) => unknown;
    const context: HandlerContext<EngineRequestName> = {
      params: params as never,
      model: slot,
      services,
      signal,
      progress,
    };
    try {
      // What a closed model's handler still does is not waited for.
      return await Promise.race([handler(context), changed.promise]);
    } catch (error) {
      if (isFault(error) && !signal.aborted) logFault(name, error);
      throw error;
    } finally {
      slot.signal.removeEventListener("abort", onClose);
    }
  };
  const router = createRequestRouter({
    answer,
    reply: send,
    failureOf: engineFailure,
    // The host bounds what a page may have open.
    maxOpen: Number.POSITIVE_INFINITY,
  });

  function logFault(name: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    send({ kind: "log", level: "error", text: `${name}: ${text}` });
  }

  function closeModel(number: number): void {
    models.get(number)?.close();
    models.delete(number);
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
        case "cancel":
          return router.receive(message);
      }
    },
    dispose() {
      for (const number of [...models.keys()]) closeModel(number);
      for (const lane of lanes) lane.forgetBackend();
    },
  };
}
