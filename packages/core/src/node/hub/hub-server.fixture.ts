import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a test reads of a request. */
export interface SeenRequest {
  readonly host: "hub" | "cdn";
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

export interface HubServer {
  readonly endpoint: string;
  readonly requests: SeenRequest[];
  /** Files of the only model, "owner/name"; those of 100 bytes or more lie on the other host, others behind a redirect on the same. */
  readonly files: Map<string, Uint8Array>;
  commit: string;
  /** Branches, tags and commits that exist. */
  readonly revisions: Set<string>;
  /** Demands this token. */
  token?: string;
  /** Access must be granted: 403 with GatedRepo for every file, the list stays public. */
  isGated: boolean;
  /** A mirror that lists names alone. */
  listsSizes: boolean;
  /** The other host ends connections after so many bytes, so many times. */
  cut?: { readonly after: number; times: number };
  /** Changes an answer before it is sent; return true when it was sent. */
  intercept?: (request: IncomingMessage, response: ServerResponse, host: "hub" | "cdn") => boolean;
  close(): Promise<void>;
}

const LARGE = 100;
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** Two servers on this machine that answer as the Hub and its storage do. */
export async function startHubServer(files: Readonly<Record<string, Uint8Array>>): Promise<HubServer> {
  const hub = createServer((request, response) => handle("hub", request, response));
  const cdn = createServer((request, response) => handle("cdn", request, response));
  const [endpoint, storage] = [await listen(hub), await listen(cdn)];
  const server: HubServer = {
    endpoint,
    requests: [],
    files: new Map(Object.entries(files)),
    commit: COMMIT,
    revisions: new Set(["main", COMMIT, "refs/pr/1"]),
    isGated: false,
    listsSizes: true,
    close: async () => void (await Promise.all([stop(hub), stop(cdn)])),
  };

  function handle(host: "hub" | "cdn", request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url!);
    const { authorization, range } = request.headers;
    server.requests.push({ host, method: request.method!, path, authorization, range });
    if (server.intercept?.(request, response, host)) return;
    if (host === "cdn") sendFile(request, response, server.files.get(path.slice(1)), {}, server.cut);
    else if (server.token !== undefined && authorization !== `Bearer ${server.token}`)
      refuse(response, 401, "RepoNotFound");
    else if (path.startsWith("/api/models/")) list(path, response);
    else resolveFile(path, request, response);
  }

  function list(path: string, response: ServerResponse): void {
    const [, model, revision] = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^?]+)\?blobs=true$/.exec(path) ?? [];
    if (model !== "owner/name") refuse(response, 404, "RepoNotFound");
    else if (!server.revisions.has(revision!)) refuse(response, 404, "RevisionNotFound");
    else sendList(model, response);
  }

  function sendList(model: string, response: ServerResponse): void {
    const siblings = [...server.files].map(([rfilename, bytes]) => {
      if (!server.listsSizes) return { rfilename };
      const facts = { rfilename, size: bytes.length, blobId: gitHash(bytes) };
      return bytes.length < LARGE ? facts : { ...facts, lfs: { sha256: sha256(bytes), size: bytes.length } };
    });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ id: model, sha: server.commit, siblings }));
  }

  function resolveFile(path: string, request: IncomingMessage, response: ServerResponse): void {
    const [, commit, name] = /^(?:\/api\/resolve-cache)?\/owner\/name\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const bytes = server.files.get(name ?? "");
    const headers = { "x-repo-commit": commit!, etag: `"${bytes && gitHash(bytes)}"` };
    if (server.isGated) refuse(response, 403, "GatedRepo");
    else if (bytes === undefined) refuse(response, 404, "EntryNotFound");
    else if (bytes.length < LARGE && !path.startsWith("/api/resolve-cache")) {
      response.writeHead(307, { location: `/api/resolve-cache${request.url}`, etag: 'W/"5c-text"' });
      response.end();
    } else if (bytes.length < LARGE) sendFile(request, response, bytes, headers);
    else {
      response.writeHead(302, {
        ...headers,
        location: `${storage}/${encodeURIComponent(name!)}`,
        "x-linked-size": bytes.length,
        "x-linked-etag": `"${sha256(bytes)}"`,
      });
      response.end();
    }
  }
  return server;
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array | undefined,
  headers: Record<string, string>,
  cut?: { readonly after: number; times: number },
): void {
  if (bytes === undefined) {
    refuse(response, 404, "EntryNotFound");
    return;
  }
  const range = /^bytes=([0-9]+)-([0-9]*)$/.exec(request.headers.range ?? "");
  const begin = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, bytes.length) : bytes.length;
  const body = bytes.subarray(begin, end);
  response.writeHead(range ? 206 : 200, {
    ...headers,
    "content-length": body.length,
    ...(range ? { "content-range": `bytes ${begin}-${end - 1}/${bytes.length}` } : {}),
  });
  if (request.method === "HEAD") response.end();
  else if (cut !== undefined && cut.times > 0 && body.length > cut.after) {
    cut.times--;
    response.write(body.subarray(0, cut.after), () => response.destroy());
  } else response.end(body);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "x-error-code": code });
  response.end();
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const hashes = new WeakMap<Uint8Array, Map<string, string>>();

/** Files are hashed once: every answer states the hash. */
function hashOnce(bytes: Uint8Array, algorithm: string, prefix: string): string {
  const known = hashes.get(bytes) ?? new Map<string, string>();
  hashes.set(bytes, known);
  const hash = known.get(algorithm) ?? createHash(algorithm).update(prefix).update(bytes).digest("hex");
  known.set(algorithm, hash);
  return hash;
}

export function sha256(bytes: Uint8Array): string {
  return hashOnce(bytes, "sha256", "");
}

function gitHash(bytes: Uint8Array): string {
  return hashOnce(bytes, "sha1", `blob ${bytes.length}\0`);
}
