import type { PagePlace } from "../protocol/envelope.js";
import type { PageName } from "./page.js";

/** What `vscode.setState` holds: where the user is, and what every page wants to find again. */
export interface KeptState {
  readonly place: PagePlace;
  readonly pages: Readonly<Partial<Record<PageName, unknown>>>;
}

const PAGE_NAMES: readonly PageName[] = ["overview", "layers", "tensor", "compare", "try", "quantize"];

/** What the webview's state was, or nothing where it is of another shape: an older version may have written it. */
export function readKeptState(state: unknown): KeptState | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { place, pages } = state as { place?: unknown; pages?: unknown };
  const checked = readPlace(place);
  if (checked === undefined) return undefined;
  const isRecord = typeof pages === "object" && pages !== null && !Array.isArray(pages);
  return { place: checked, pages: isRecord ? (pages as KeptState["pages"]) : {} };
}

function readPlace(place: unknown): PagePlace | undefined {
  if (typeof place !== "object" || place === null) return undefined;
  const { page, weight, compareWith } = place as { page?: unknown; weight?: unknown; compareWith?: unknown };
  if (!PAGE_NAMES.includes(page as PageName)) return undefined;
  return {
    page: page as PageName,
    ...(typeof weight === "string" ? { weight } : {}),
    ...(typeof compareWith === "string" ? { compareWith } : {}),
  };
}

/** The part of the webview's API that pages need. */
export interface WebviewApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): unknown;
}

/**
 * Writes the state a moment after the last change: scrolling changes it at every frame, and each write is a message. A
 * page that goes away writes at once.
 */
export function createStateKeeper(
  api: WebviewApi,
  initial: KeptState,
  delayMilliseconds = 120,
): { readonly state: KeptState; change(next: KeptState): void; flush(): void } {
  let state = initial;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keeper = {
    get state() {
      return state;
    },
    change(next: KeptState): void {
      state = next;
      timer ??= setTimeout(keeper.flush, delayMilliseconds);
    },
    flush(): void {
      clearTimeout(timer);
      timer = undefined;
      api.setState(state);
    },
  };
  return keeper;
}
