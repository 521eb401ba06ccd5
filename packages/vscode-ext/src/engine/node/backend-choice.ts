import type { EngineSettings } from "../../protocol/settings.js";
import type { BackendChoice } from "./open-backend.js";

export function backendChoice({ backend, nativeKernelsPath }: EngineSettings): BackendChoice {
  return { wish: backend, ...(nativeKernelsPath !== undefined && { nativeKernelsPath }) };
}
