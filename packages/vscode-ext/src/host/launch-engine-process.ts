import { fork } from "node:child_process";
import type { FromEngine } from "../protocol/engine-link.js";
import type { LaunchEngine } from "./engine-process.js";

const KEPT_ERROR_LENGTH = 2000;

/** Starts the engine as a child process that runs in the editor's own Node. */
export function launchEngineProcess(modulePath: string): LaunchEngine {
  return ({ onMessage, onEnd }) => {
    const child = fork(modulePath, [], {
      // Typed arrays pass as they are.
      serialization: "advanced",
      // Debug flags of the extension host would open the same port twice.
      execArgv: [],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let lastErrors = "";
    let hasEnded = false;
    const end = (reason: string): void => {
      if (hasEnded) return;
      hasEnded = true;
      onEnd(reason);
    };
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (text: string) => {
      lastErrors = (lastErrors + text).slice(-KEPT_ERROR_LENGTH);
    });
    child.on("message", (message) => onMessage(message as FromEngine));
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) => end(`it ended with ${signal ?? `code ${code}`}. ${lastErrors}`.trim()));
    return {
      post: (message) => {
        // A closed channel is told by "close"; the callback keeps Node from throwing.
        if (child.connected) child.send(message, () => {});
      },
      stop: () => child.kill(),
    };
  };
}
