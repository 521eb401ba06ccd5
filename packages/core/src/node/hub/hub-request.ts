import { LowbitError } from "../../errors/index.js";
import type { HubReference } from "./hub-reference.js";
import type { HubSettings } from "./hub-settings.js";

const MAX_REDIRECTS = 5;

export interface HubRequest {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** False: the Hub's own answer is wanted, not that of another host that it points to. */
  readonly leavesHub?: boolean;
  readonly signal?: AbortSignal;
}

/** The answer at the end of the redirects. */
export interface HubAnswer {
  readonly response: Response;
  /** Of the endpoint's last answer: it knows the file, where another host only has its bytes. */
  readonly own: Headers;
}

/**
 * Asks the Hub and follows its redirects. The token goes to the endpoint's own origin and nowhere else, and nothing is
 * asked without encryption once it was asked with it.
 * @throws `hub/unreachable`, `hub/unsafe-redirect`, `hub/aborted`
 */
export async function askHub(settings: HubSettings, url: string, request: HubRequest = {}): Promise<HubAnswer> {
  const { origin } = new URL(settings.endpoint);
  let at = new URL(url);
  let own = new Headers();
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await askOnce(settings, at, request);
    if (at.origin === origin) own = response.headers;
    if (![301, 302, 303, 307, 308].includes(response.status)) return { response, own };
    const next = redirectTarget(at, response.headers.get("location"));
    if (request.leavesHub === false && next.origin !== origin) return { response, own };
    await response.body?.cancel();
    at = next;
  }
  throw unsafeRedirect(url, `more than ${MAX_REDIRECTS} redirects`);
}

async function askOnce(settings: HubSettings, url: URL, request: HubRequest): Promise<Response> {
  const { method = "GET", signal } = request;
  const headers: Record<string, string> = { "user-agent": "lowbit", "accept-encoding": "identity", ...request.headers };
  if (settings.token !== undefined && url.origin === new URL(settings.endpoint).origin) {
    headers["authorization"] = `Bearer ${settings.token}`;
  }
  try {
    return await settings.fetch(url.href, {
      method,
      headers,
      redirect: "manual",
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    throw requestFailed(url.origin, cause, signal);
  }
}

/** @throws `hub/aborted` when the signal ended the request, else the error that says why there was no answer. */
export function requestFailed(where: string, cause: unknown, signal: AbortSignal | undefined): LowbitError {
  if (signal?.aborted) return aborted();
  // fetch itself says only "fetch failed"; the reason is what caused it.
  const first = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = first instanceof Error ? first.message : String(first);
  return new LowbitError("hub/unreachable", `${where}: no answer (${reason}).`, { host: where, reason }, { cause });
}

export function aborted(): LowbitError {
  return new LowbitError("hub/aborted", "The download was cancelled; what has come is kept.");
}

function redirectTarget(from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href))
    throw unsafeRedirect(from.origin, "a redirect to nowhere");
  const to = new URL(location, from.href);
  const isDowngrade = from.protocol === "https:" && to.protocol !== "https:";
  if (isDowngrade || !["http:", "https:"].includes(to.protocol)) {
    throw unsafeRedirect(from.origin, `a redirect to ${to.protocol}//${to.host}`);
  }
  return to;
}

function unsafeRedirect(where: string, reason: string): LowbitError {
  return new LowbitError("hub/unsafe-redirect", `${where}: ${reason} is not followed.`, { host: where, reason });
}

/**
 * What an answer of the Hub means that is not the thing asked for.
 * @param what "the model", or the name of a file
 */
export function refusedByHub(
  { response: { status }, own }: HubAnswer,
  reference: HubReference,
  what: string,
  hasToken: boolean,
): LowbitError {
  const cause = own.get("x-error-code");
  const { text, owner, name, revision } = reference;
  const model = `${owner}/${name}`;
  const facts = { model, status, what };
  if (cause === "GatedRepo" || status === 403) {
    return new LowbitError("hub/gated", `${text}: access to ${model} has to be granted by its owners.`, facts);
  }
  if (cause === "RevisionNotFound") {
    return new LowbitError("hub/no-revision", `${text}: ${model} has no revision "${revision}".`, {
      ...facts,
      revision,
    });
  }
  if (cause === "EntryNotFound") {
    return new LowbitError("hub/no-such-file", `${text}: ${model} has no ${what} at "${revision}".`, facts);
  }
  // Without a token the Hub answers 401 for models that do not exist, so that nobody learns of private ones.
  if (status === 401 && hasToken) {
    return new LowbitError("hub/unauthorized", `${text}: the Hub does not accept the token.`, facts);
  }
  if (status === 401 || status === 404 || cause === "RepoNotFound") {
    return new LowbitError("hub/not-found", `${text}: there is no public model ${model}.`, facts);
  }
  return new LowbitError("hub/status", `${text}: the Hub answered ${status} when asked for ${what}.`, facts);
}

/** An answer with something in it. @throws what {@link refusedByHub} makes of others */
export async function accepted(
  answer: HubAnswer,
  reference: HubReference,
  what: string,
  settings: HubSettings,
): Promise<Response> {
  if (answer.response.ok) return answer.response;
  await answer.response.body?.cancel();
  throw refusedByHub(answer, reference, what, settings.token !== undefined);
}
