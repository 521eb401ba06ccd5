import type { FromEngine, ToEngine } from "../protocol/engine-link.js";
import { createEngine } from "./engine.js";
import { webEnvironment } from "./web-environment.js";

// The engine as a web worker.

const kernels = Promise.withResolvers<Extract<ToEngine, { kind: "kernels" }>["modules"]>();
const engine = createEngine({
  environment: webEnvironment(kernels.promise),
  send: (message: FromEngine) => self.postMessage(message),
});

self.onmessage = ({ data }: MessageEvent<ToEngine>) => {
  if (data.kind === "kernels") kernels.resolve(data.modules);
  else engine.receive(data);
};
self.postMessage({ kind: "ready" } satisfies FromEngine);
