import type { KernelBackend } from "@lowbit/core/backend";
import type { QuantizeForecast, QuantizeReport, QuantizeSettings } from "../protocol/quantize-messages.js";
import type { WorkProgress } from "../protocol/request-map.js";
import type { EngineSettings } from "../protocol/settings.js";
import type { ModelFiles } from "./model/model-files.js";

export interface CreatedBackend {
  readonly backend: KernelBackend;
  /** Name and instruction set, and why no better one: "wasm on relaxed-simd (native: …)". */
  readonly description: string;
}

/** Work that needs files and threads; only Node has them. */
export interface DiskWork {
  /** @throws `bytes/cannot-open` */
  openPath(path: string): Promise<ModelFiles>;
  isThere(path: string): Promise<boolean>;
  forecast(input: string, settings: QuantizeSettings, engine: EngineSettings): Promise<QuantizeForecast>;
  quantize(
    input: string,
    settings: QuantizeSettings,
    engine: EngineSettings,
    signal: AbortSignal,
    onProgress: (progress: WorkProgress) => void,
  ): Promise<QuantizeReport>;
}

/** What differs between a child process and a web worker. */
export interface EngineEnvironment {
  /** A backend of one thread; each lane asks for one of its own. */
  createBackend(settings: EngineSettings): Promise<CreatedBackend>;
  /** Absent in a browser. */
  readonly disk?: DiskWork;
}
