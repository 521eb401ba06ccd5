import type { FromEngine, ModelSource, ToEngine } from "../protocol/engine-link.js";
import type { RequestFailure } from "../protocol/envelope.js";
import { RequestError } from "../protocol/request-error.js";
import { type Ask, createRpcClient, type RpcClient } from "../protocol/rpc-client.js";
import type { EngineSettings } from "../protocol/settings.js";
import type { EngineProcess, LaunchEngine } from "./engine-process.js";

/** Where a model is, found anew whenever an engine has to be told: bytes of virtual files are not kept here. */
export type FindSource = () => Promise<ModelSource>;

/** A model that the engine knows under a number. */
export interface EngineModel {
  /** Asks about this model; starts the engine if it is not running. */
  readonly ask: Ask;
  /** The file changed: the next request opens it anew. */
  reopen(): void;
  close(): void;
}

export interface EngineConnection {
  /** Starts the engine ahead of the first request. */
  start(): void;
  openModel(findSource: FindSource): EngineModel;
  configure(settings: EngineSettings): void;
  dispose(): void;
}

export interface EngineConnectionOptions {
  readonly launch: LaunchEngine;
  readonly settings: EngineSettings;
  readonly log: (level: "info" | "warning" | "error", text: string) => void;
}

interface KnownModel {
  readonly client: RpcClient;
  readonly findSource: FindSource;
  /** Settled when the running engine knows the model's present source. */
  announced: Promise<void> | undefined;
}

/** One engine for a window. When it dies, what is open fails with "engine/stopped" and the next request starts another. */
export function createEngineConnection(options: EngineConnectionOptions): EngineConnection {
  const models = new Map<number, KnownModel>();
  let settings = options.settings;
  let running: { readonly process: EngineProcess; readonly ready: Promise<void> } | undefined;
  let lastModel = 0;
  let lastId = 0;
  let isDisposed = false;

  const nextId = (): number => {
    lastId += 1;
    return lastId;
  };

  function failAll(failure: RequestFailure): void {
    for (const model of models.values()) {
      model.announced = undefined;
      model.client.failAll(failure);
    }
  }

  function start(): NonNullable<typeof running> {
    if (running !== undefined) return running;
    const ready = Promise.withResolvers<void>();
    // A failed start is told by the requests that wait for it.
    ready.promise.catch(() => {});
    const process = options.launch({
      onMessage: (message) => receive(message, ready.resolve),
      onEnd: (reason) => {
        if (running?.process === process) running = undefined;
        if (isDisposed) return;
        const failure = stopped(reason);
        options.log("error", failure.message);
        ready.reject(new RequestError(failure));
        failAll(failure);
      },
    });
    running = { process, ready: ready.promise };
    process.post({ kind: "configure", settings });
    return running;
  }

  function receive(message: FromEngine, onReady: () => void): void {
    if (message.kind === "ready") onReady();
    else if (message.kind === "log") options.log(message.level, message.text);
    else for (const model of models.values()) model.client.receive(message);
  }

  /** Tells the engine where the model is, once for each engine and change. */
  async function announce(number: number, model: KnownModel): Promise<void> {
    const engine = start();
    await engine.ready;
    const source = await model.findSource();
    if (running === engine && models.has(number)) engine.process.post({ kind: "model", model: number, source });
  }

  const post = (message: ToEngine): void => running?.process.post(message);

  return {
    start,
    openModel(findSource) {
      lastModel += 1;
      const number = lastModel;
      const client = createRpcClient((envelope) => {
        if (envelope.kind === "cancel") post(envelope);
        else if (running === undefined) throw new RequestError(stopped("it ended before the request was sent"));
        else post({ ...envelope, model: number });
      }, nextId);
      const model: KnownModel = { client, findSource, announced: undefined };
      models.set(number, model);
      return {
        ask: async (name, params, requestOptions) => {
          if (!models.has(number))
            throw new RequestError({ code: "host/model-closed", message: "This model was closed." });
          model.announced ??= announce(number, model);
          const { announced } = model;
          try {
            await announced;
          } catch (error) {
            if (model.announced === announced) model.announced = undefined;
            throw error;
          }
          return client.request(name, params, requestOptions);
        },
        reopen: () => {
          model.announced = undefined;
        },
        close: () => {
          client.failAll({ code: "host/model-closed", message: "This model was closed." });
          models.delete(number);
          post({ kind: "close-model", model: number });
        },
      };
    },
    configure(next) {
      settings = next;
      post({ kind: "configure", settings });
    },
    dispose() {
      isDisposed = true;
      failAll(stopped("the window closes"));
      running?.process.stop();
      running = undefined;
    },
  };
}

function stopped(reason: string): RequestFailure {
  return {
    code: "engine/stopped",
    message: `The engine stopped: ${reason}`,
    remedy: "Ask again: a new one starts. If it stops again, the log of lowbit tells more.",
  };
}
