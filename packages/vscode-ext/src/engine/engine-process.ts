import type { FromEngine, ToEngine } from "../protocol/engine-link.js";
import { createEngine } from "./engine.js";
import { nodeEnvironment } from "./node/node-environment.js";

// The engine as a child process of the extension host, with a channel of `serialization: "advanced"`.

const send = (message: FromEngine): void => {
  // A host that is gone is told by "disconnect"; the callback keeps Node from throwing.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};
const engine = createEngine({ environment: nodeEnvironment(import.meta.url), send });

process.on("message", (message: ToEngine) => engine.receive(message));
process.on("disconnect", () => {
  engine.dispose();
  process.exit(0);
});
process.on("unhandledRejection", (reason) => {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  send({ kind: "log", level: "error", text: `unhandled: ${text}` });
});
send({ kind: "ready" });
