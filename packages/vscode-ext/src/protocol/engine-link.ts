import type { ReplyEnvelope } from "./envelope.js";
import type { EngineSettings } from "./settings.js";

/** Where a model is. */
export type ModelSource =
  /** A file or directory that Node can open at an offset: local disks, and the far side of Remote-SSH, WSL, containers. */
  | { readonly kind: "path"; readonly path: string }
  /** A .safetensors or .gguf file or an index on a server, read by range requests. */
  | { readonly kind: "url"; readonly url: string }
  /** Files of a virtual file system, which can only be read whole: the host has read them. */
  | {
      readonly kind: "bytes";
      readonly name: string;
      readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
    };

/** From the host to the engine: a child process on the desktop, a web worker in a browser. */
export type ToEngine =
  | { readonly kind: "configure"; readonly settings: EngineSettings }
  /**
   * To a web worker, which cannot read the extension's files: dist/kernels/*.wasm. Sent once, right after it was started;
   * what needs kernels waits for it.
   */
  | {
      readonly kind: "kernels";
      readonly modules: readonly { readonly variant: "relaxed-simd" | "simd128"; readonly bytes: Uint8Array }[];
    }
  /** Names a model; nothing is opened before the first request. Sent again with the same number when the file changed. */
  | { readonly kind: "model"; readonly model: number; readonly source: ModelSource }
  | { readonly kind: "close-model"; readonly model: number }
  | {
      readonly kind: "request";
      readonly id: number;
      readonly model: number;
      readonly name: string;
      readonly params: unknown;
    }
  | { readonly kind: "cancel"; readonly id: number };

/** From the engine to the host. */
export type FromEngine =
  | ReplyEnvelope
  | { readonly kind: "ready" }
  | { readonly kind: "log"; readonly level: "info" | "warning" | "error"; readonly text: string };
