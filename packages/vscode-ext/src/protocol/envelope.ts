import type { AppearanceSettings } from "./settings.js";
import type { OptionValues } from "./trial-messages.js";

/** From a page to the host, from the host to the engine. `params` is checked against the request's schema by the receiver. */
export type RequestEnvelope =
  | { readonly kind: "request"; readonly id: number; readonly name: string; readonly params: unknown }
  | { readonly kind: "cancel"; readonly id: number };

/** Why a request failed: the code, message and facts of a LowbitError, or code "engine/…" for a fault of ours. */
export interface RequestFailure {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  /** Names of the method's options that it is about, as in facts of "options/…" errors: it is shown beside their fields. */
  readonly options?: readonly string[];
}

/** Back. Every request ends in exactly one "result" or "failure"; a cancelled one in the failure "protocol/cancelled". */
export type ReplyEnvelope =
  | { readonly kind: "progress"; readonly id: number; readonly progress: unknown }
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: RequestFailure };

/** What the host tells a page without being asked. */
export type HostEvent =
  /** The file changed on disk and was opened anew, or is gone: everything shown is old. */
  | { readonly kind: "event"; readonly event: "file-changed" }
  | { readonly kind: "event"; readonly event: "settings-changed"; readonly settings: AppearanceSettings }
  /** Go to a page, as a command asked. */
  | { readonly kind: "event"; readonly event: "show"; readonly place: PagePlace };

/** Where a page stands: part of the webview's kept state. */
export interface PagePlace {
  readonly page: "overview" | "layers" | "tensor" | "compare" | "try" | "quantize";
  /** The open weight, on the pages tensor and try. */
  readonly weight?: string;
  /** Path of the other checkpoint, on the page compare. */
  readonly compareWith?: string;
  /** A method with options to begin with, on the page quantize. */
  readonly setting?: { readonly method: string; readonly options: OptionValues };
}
