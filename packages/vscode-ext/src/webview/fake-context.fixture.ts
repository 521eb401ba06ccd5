import type { PagePlace } from "../protocol/envelope.js";
import type { OpenModel } from "../protocol/overview-messages.js";
import type { RequestName } from "../protocol/request-map.js";
import { type Ask, RequestError, type RequestOptions } from "../protocol/rpc-client.js";
import type { PageContext } from "./page.js";

export interface Asked {
  readonly name: string;
  readonly params: unknown;
}

/** Answers a request: with a value, a promise, or by throwing a {@link RequestError}. */
export type Answer = (params: never, options: never) => unknown;

export interface FakeContext extends PageContext {
  readonly asked: Asked[];
  readonly announced: string[];
  readonly places: PagePlace[];
  /** Of a name, in the order in which they were asked. */
  paramsOf(name: RequestName): unknown[];
}

/** A page's context whose engine and host are functions; what they have no function for never ends. */
export function fakeContext(
  answers: Partial<Record<RequestName, Answer>>,
  extra: { readonly kept?: unknown; readonly model?: Partial<OpenModel>; readonly cannotQuantize?: string } = {},
): FakeContext {
  let { kept } = extra;
  const asked: Asked[] = [];
  const request = ((name: RequestName, params: never, options: RequestOptions<never> = {}) => {
    asked.push({ name, params });
    return new Promise((resolve, reject) => {
      const cancelled = new RequestError({ code: "protocol/cancelled", message: "The request was cancelled." });
      if (options.signal?.aborted) reject(cancelled);
      options.signal?.addEventListener("abort", () => reject(cancelled));
      const answer = answers[name];
      if (answer !== undefined)
        Promise.resolve()
          .then(() => answer(params, options as never))
          .then(resolve as (value: unknown) => void, reject);
    });
  }) as Ask;
  const context = {
    request,
    settings: { outlierRule: { kind: "sigma", factor: 6 }, mapColors: "theme" },
    theme: {
      kind: "dark",
      isHighContrast: false,
      reducesMotion: true,
      color: (_name: string, fallback: string) => fallback,
    },
    model: { state: "open", name: "tiny-llama", ...extra.model } as OpenModel,
    cannotQuantize: extra.cannotQuantize,
    get kept() {
      return kept;
    },
    // What a page keeps has to survive as JSON.
    keep: (state: unknown) => {
      kept = JSON.parse(JSON.stringify(state));
    },
    navigate: (place: PagePlace) => void context.places.push(place),
    announce: (text: string) => void context.announced.push(text),
    asked,
    announced: [] as string[],
    places: [] as PagePlace[],
    paramsOf: (name: RequestName) => asked.filter((each) => each.name === name).map(({ params }) => params),
  } satisfies FakeContext;
  return context;
}

/** A failure as engine and host send it. */
export function failure(code: string, message: string, more: object = {}): RequestError {
  return new RequestError({ code, message, ...more });
}

export function findById<E extends HTMLElement = HTMLElement>(container: HTMLElement, id: string): E {
  const element = container.querySelector<E>(`[data-testid="${id}"]`);
  if (element === null) throw new Error(`There is no element "${id}" in ${container.textContent}`);
  return element;
}

/** Types into a field, as far as a page can tell. */
export function enterText(field: HTMLElement, value: string, event: "input" | "change" = "input"): void {
  (field as HTMLInputElement).value = value;
  field.dispatchEvent(new Event(event, { bubbles: true }));
}
