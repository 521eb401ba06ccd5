import type { EngineRequestName, EngineRequests } from "../protocol/request-map.js";
import type { EngineSettings } from "../protocol/settings.js";
import type { EngineEnvironment } from "./environment.js";
import type { Lane } from "./lane.js";
import type { Model } from "./model/model.js";
import type { ModelFiles } from "./model/model-files.js";

/** Scans in the order in which they give way: a picture waits for nothing, a run over a whole model for everything. */
export interface Lanes {
  /** Maps and windows of values. */
  readonly pictures: Lane;
  /** Figures of one weight: distribution, profiles. */
  readonly figures: Lane;
  readonly trials: Lane;
  /** Runs over whole models. */
  readonly models: Lane;
}

/** What handlers share. */
export interface EngineServices {
  readonly environment: EngineEnvironment;
  readonly lanes: Lanes;
  settings(): EngineSettings;
  /** Name, instruction set, and why no better one; undefined until a scan needed one. */
  backend(): string | undefined;
}

/** The model that a request is about. */
export interface ModelSlot {
  /** The path or address that was asked for. */
  readonly name: string;
  /** @throws `bytes/cannot-open`, `engine/not-in-browser` */
  files(): Promise<ModelFiles>;
  /** Opened once, at the first request that needs it. @throws what `openModel` throws, the same until `retry` */
  open(): Promise<Model>;
  /** Forgets that opening failed: what was missing may be there now. */
  retry(): void;
}

export interface HandlerContext<N extends EngineRequestName> {
  readonly params: EngineRequests[N]["params"];
  readonly model: ModelSlot;
  readonly services: EngineServices;
  /** Aborted when the request was cancelled, or its model closed or changed. */
  readonly signal: AbortSignal;
  progress(progress: EngineRequests[N]["progress"]): void;
}

export type Handler<N extends EngineRequestName> = (
  context: HandlerContext<N>,
) => EngineRequests[N]["result"] | Promise<EngineRequests[N]["result"]>;

export type HandlerTable = { readonly [N in EngineRequestName]: Handler<N> };
