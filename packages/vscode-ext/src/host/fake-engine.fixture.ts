import type { ModelSource, ToEngine } from "../protocol/engine-link.js";
import type { EngineSettings } from "../protocol/settings.js";
import type { EngineListeners, LaunchEngine } from "./engine-process.js";

/** An engine that does what a test tells it; every launch is a new one. */
export interface FakeEngines {
  readonly launch: LaunchEngine;
  /** Messages to every engine so far, by engine. */
  readonly posted: ToEngine[][];
  /** The listeners of the engine launched last. */
  readonly latest: () => EngineListeners;
  /** Requests that no engine has answered. */
  readonly requests: () => Extract<ToEngine, { kind: "request" }>[];
  readonly sources: () => ModelSource[];
}

export function createFakeEngines(options: { readonly isReady?: boolean } = {}): FakeEngines {
  const posted: ToEngine[][] = [];
  let listeners: EngineListeners | undefined;
  const all = (): ToEngine[] => posted.flat();
  return {
    posted,
    launch: (given) => {
      listeners = given;
      const messages: ToEngine[] = [];
      posted.push(messages);
      if (options.isReady !== false) queueMicrotask(() => given.onMessage({ kind: "ready" }));
      return { post: (message) => void messages.push(message), stop: () => given.onEnd("stopped") };
    },
    latest: () => {
      if (listeners === undefined) throw new Error("no engine was launched");
      return listeners;
    },
    requests: () => all().filter((message) => message.kind === "request"),
    sources: () => all().flatMap((message) => (message.kind === "model" ? [message.source] : [])),
  };
}

export const TEST_ENGINE_SETTINGS: EngineSettings = {
  backend: "auto",
  memoryLimitBytes: 2 ** 30,
  outlierRule: { kind: "sigma", factor: 6 },
};

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
