import type { PagePlace } from "./envelope.js";
import type { AppearanceSettings } from "./settings.js";

/** The element of the page's head that holds the initial state as JSON in its attribute `content`. */
export const INITIAL_STATE_NAME = "lowbit-initial-state";

/** What the host puts into a page's HTML, so that the first paint needs no message. */
export interface InitialState {
  readonly settings: AppearanceSettings;
  /** Where to begin, when a command asked for a place; else the kept place, else the overview. */
  readonly place?: PagePlace;
  /** Texts in the user's language (l10n bundle); absent for English. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Why models cannot be quantized from here (a browser has no file system); absent where they can. */
  readonly cannotQuantize?: string;
}
