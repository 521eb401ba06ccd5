import type { FromEngine, ToEngine } from "../protocol/engine-link.js";

/** A running engine: a child process or a web worker. */
export interface EngineProcess {
  post(message: ToEngine): void;
  stop(): void;
}

export interface EngineListeners {
  readonly onMessage: (message: FromEngine) => void;
  /** Called once, when the engine has ended or could not be started; `reason` is for the log and the user. */
  readonly onEnd: (reason: string) => void;
}

export type LaunchEngine = (listeners: EngineListeners) => EngineProcess;
