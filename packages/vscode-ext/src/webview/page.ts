import type { PagePlace } from "../protocol/envelope.js";
import type { OpenModel } from "../protocol/overview-messages.js";
import type { Ask } from "../protocol/rpc-client.js";
import type { AppearanceSettings } from "../protocol/settings.js";
import type { Theme } from "./theme.js";

export type PageName = PagePlace["page"];

/** What the shell gives every page. */
export interface PageContext {
  /** Asks engine or host; rejects with a RequestError. Abort what you no longer need: a page's `dispose` aborts everything. */
  readonly request: Ask;
  /** As they are now; `settingsChanged` tells when they change. */
  readonly settings: AppearanceSettings;
  readonly theme: Theme;
  /** The open model, from its headers. */
  readonly model: OpenModel;
  /** Why models cannot be quantized from here; absent where they can. */
  readonly cannotQuantize?: string | undefined;
  /**
   * What this page kept the last time, as it gave it to `keep`: it survives other pages, hidden tabs and reload. Treat it
   * as untrusted: an older version of the page may have written it.
   */
  readonly kept: unknown;
  /** Keeps what JSON can hold; cheap, call it after every change. */
  keep(state: unknown): void;
  navigate(place: PagePlace): void;
  /** Says something to screen readers without moving the focus. */
  announce(text: string): void;
}

/** A page that stands in its container. */
export interface Page {
  /** Another place on the same page: another weight, another checkpoint. */
  update(place: PagePlace): void;
  settingsChanged?(): void;
  /** Colours of a canvas are to be read again. */
  themeChanged?(): void;
  /** Aborts its requests, removes listeners. The shell empties the container. */
  dispose(): void;
}

/** Draws a page into an empty container and returns at once; what takes time is asked for afterwards. */
export type MountPage = (container: HTMLElement, place: PagePlace, context: PageContext) => Page;
