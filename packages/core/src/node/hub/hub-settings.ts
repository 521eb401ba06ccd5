import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where the Hub is, who asks, and where downloads are kept. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Sent to the endpoint's own host alone. */
  readonly token?: string;
  /** Shared with the Python package huggingface_hub, in its layout. */
  readonly cacheDirectory: string;
  /** Nothing is asked; what the cache holds is used. */
  readonly isOffline: boolean;
  readonly fetch: typeof fetch;
}

const ENDPOINT = "https://huggingface.co";

/**
 * The settings that huggingface_hub reads: HF_ENDPOINT, HF_TOKEN (or the file that its login writes), HF_HUB_CACHE, HF_HOME,
 * XDG_CACHE_HOME, HF_HUB_OFFLINE.
 */
export async function hubSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<HubSettings> {
  const home =
    given(environment["HF_HOME"]) ??
    join(given(environment["XDG_CACHE_HOME"]) ?? join(homedir(), ".cache"), "huggingface");
  const token =
    given(environment["HF_TOKEN"]) ?? (await tokenOfLogin(environment["HF_TOKEN_PATH"] ?? join(home, "token")));
  return {
    endpoint: (given(environment["HF_ENDPOINT"]) ?? ENDPOINT).replace(/\/+$/, ""),
    ...(token === undefined ? {} : { token }),
    cacheDirectory: given(environment["HF_HUB_CACHE"]) ?? join(home, "hub"),
    isOffline: /^(1|true|yes|on)$/i.test(environment["HF_HUB_OFFLINE"] ?? ""),
    fetch,
  };
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}

/** A login may never have happened: no file, no token. */
async function tokenOfLogin(path: string): Promise<string | undefined> {
  return given(await readFile(path, "utf8").catch(() => undefined));
}
