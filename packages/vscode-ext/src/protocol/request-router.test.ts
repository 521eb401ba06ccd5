import { describe, expect, it } from "vitest";
import type { ReplyEnvelope } from "./envelope.js";
import { RequestError } from "./request-error.js";
import { REQUEST_NAMES, VALID_PARAMS } from "./request-examples.fixture.js";
import { failureOf } from "./request-failure.js";
import { type Answer, createRequestRouter, type RequestRouter } from "./request-router.js";
import { createRpcClient, type RpcClient } from "./rpc-client.js";

interface Link {
  readonly client: RpcClient;
  readonly router: RequestRouter;
  readonly replies: ReplyEnvelope[];
}

/** A page and a host, in one process. */
function link(answer: Answer, maxOpen?: number): Link {
  const replies: ReplyEnvelope[] = [];
  let client: RpcClient;
  const router = createRequestRouter({
    answer,
    failureOf: (error) => failureOf(error, "host/fault"),
    reply: (reply) => {
      replies.push(reply);
      client.receive(reply);
    },
    ...(maxOpen === undefined ? {} : { maxOpen }),
  });
  client = createRpcClient((envelope) => router.receive(envelope));
  return { client, router, replies };
}

const never: Answer = (_name, _params, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "no failure";
  } catch (error) {
    return error instanceof RequestError ? error.failure.code : String(error);
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("request router and client", () => {
  it.each(REQUEST_NAMES)("%s is answered", async (name) => {
    const { client, replies } = link(async (asked, params) => ({ asked, params }));
    expect(await client.request(name, VALID_PARAMS[name] as never)).toEqual({
      asked: name,
      params: VALID_PARAMS[name],
    });
    expect(replies).toHaveLength(1);
  });

  it.each(REQUEST_NAMES)("%s is refused with bad params before anything is asked", async (name) => {
    let asked = 0;
    const { client, replies } = link(async () => {
      asked += 1;
    });
    expect(await codeOf(client.request(name, { no: "such" } as never))).toBe("protocol/invalid-params");
    expect(asked).toBe(0);
    expect(replies).toHaveLength(1);
  });

  it.each(REQUEST_NAMES)("%s is cancelled, on both sides, and replied to once", async (name) => {
    let signal: AbortSignal | undefined;
    const { client, replies } = link((...asked) => {
      signal = asked[2].signal;
      return never(...asked);
    });
    const controller = new AbortController();
    const request = client.request(name, VALID_PARAMS[name] as never, { signal: controller.signal });
    await settle();
    expect(signal?.aborted).toBe(false);
    controller.abort();
    expect(await codeOf(request)).toBe("protocol/cancelled");
    await settle();
    expect(signal?.aborted).toBe(true);
    expect(replies.map(({ kind }) => kind)).toEqual(["failure"]);
  });

  it("does not ask at all when the signal is aborted already", async () => {
    const { client, replies } = link(never);
    const signal = AbortSignal.abort();
    expect(await codeOf(client.request("model/overview", {}, { signal }))).toBe("protocol/cancelled");
    expect(replies).toEqual([]);
  });

  it("hands progress on in order, and none after the end", async () => {
    let late: (() => void) | undefined;
    const { client, replies } = link(async (_name, _params, { progress }) => {
      progress({ label: "a", done: 1, total: 2 });
      progress({ label: "b", done: 2, total: 2 });
      late = () => progress({ label: "late", done: 3, total: 2 });
      return { compared: 2 };
    });
    const labels: string[] = [];
    await client.request("compare/run", {}, { onProgress: ({ label }) => labels.push(label) });
    late?.();
    expect(labels).toEqual(["a", "b"]);
    expect(replies.map(({ kind }) => kind)).toEqual(["progress", "progress", "result"]);
  });

  it("reports errors by their code, others as a fault", async () => {
    const errors = [
      Object.assign(new Error("m"), { code: "safetensors/overlap", remedy: "r" }),
      Object.assign(new Error("no such file"), { code: "ENOENT" }),
      "text",
    ];
    const { client, replies } = link(async () => {
      throw errors.shift();
    });
    expect(await codeOf(client.request("model/overview", {}))).toBe("safetensors/overlap");
    expect(await codeOf(client.request("model/overview", {}))).toBe("host/fault");
    expect(await codeOf(client.request("model/overview", {}))).toBe("host/fault");
    expect(replies[0]).toMatchObject({ failure: { message: "m", remedy: "r" } });
  });

  it("an answer that throws at once is a failure, too", async () => {
    const { client } = link(() => {
      throw new Error("at once");
    });
    expect(await codeOf(client.request("model/overview", {}))).toBe("host/fault");
  });

  it.each([
    undefined,
    null,
    7,
    "request",
    [],
    {},
    { kind: "request" },
    { kind: "request", id: "1", name: "model/overview", params: {} },
    { kind: "request", id: Number.NaN, name: "model/overview", params: {} },
    { kind: "cancel", id: 99 },
    { kind: "other", id: 1 },
  ])("drops the message %o", async (message) => {
    const { router, replies } = link(async () => "answer");
    router.receive(message);
    await settle();
    expect(replies).toEqual([]);
  });

  it("refuses unknown names", async () => {
    const { router, replies } = link(async () => "answer");
    router.receive({ kind: "request", id: 1, name: "constructor", params: {} });
    router.receive({ kind: "request", id: 2 });
    expect(replies).toMatchObject([
      { kind: "failure", id: 1, failure: { code: "protocol/unknown-request" } },
      { kind: "failure", id: 2, failure: { code: "protocol/unknown-request" } },
    ]);
  });

  it("refuses more open requests than it may have, and takes new ones when some have ended", async () => {
    const { client } = link(never, 2);
    const controller = new AbortController();
    const first = client.request("model/overview", {}, { signal: controller.signal });
    const second = client.request("model/overview", {}, { signal: controller.signal });
    expect(await codeOf(client.request("model/overview", {}))).toBe("protocol/too-many-requests");
    controller.abort();
    await Promise.allSettled([first, second]);
    const after = client.request("trial/methods", {});
    expect(await Promise.race([codeOf(after), settle().then(() => "open")])).toBe("open");
  });

  it("answers a number that is used twice once", async () => {
    const { router, replies } = link(async (name) => name);
    router.receive({ kind: "request", id: 1, name: "model/overview", params: {} });
    router.receive({ kind: "request", id: 1, name: "trial/methods", params: {} });
    await settle();
    expect(replies).toEqual([{ kind: "result", id: 1, result: "model/overview" }]);
  });

  it("whose result cannot be sent, fails", async () => {
    const replies: ReplyEnvelope[] = [];
    const router = createRequestRouter({
      answer: async () => () => {},
      failureOf: (error) => failureOf(error, "host/fault"),
      reply: (reply) => replies.push(structuredClone(reply)),
    });
    router.receive({ kind: "request", id: 1, name: "compare/run", params: {} });
    await settle();
    expect(replies).toMatchObject([{ kind: "failure", id: 1, failure: { code: "host/fault" } }]);
  });

  it("when the page is gone: aborts what is open and says nothing more", async () => {
    const signals: AbortSignal[] = [];
    const { client, router, replies } = link((...asked) => {
      signals.push(asked[2].signal);
      return never(...asked);
    });
    void client.request("compare/run", {}).catch(() => {});
    await settle();
    router.reset();
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(replies).toEqual([]);
  });
});

describe("rpc client", () => {
  it("drops late and unknown replies", async () => {
    const client = createRpcClient(
      () => {},
      () => 5,
    );
    const controller = new AbortController();
    const request = client.request("model/overview", {}, { signal: controller.signal });
    controller.abort();
    client.receive({ kind: "result", id: 5, result: "late" });
    client.receive({ kind: "progress", id: 5, progress: {} });
    client.receive({ kind: "result", id: 17, result: "unknown" });
    expect(await codeOf(request)).toBe("protocol/cancelled");
  });

  it("ends every open request when the link dies", async () => {
    const client = createRpcClient(() => {});
    const requests = [client.request("model/overview", {}), client.request("trial/methods", {})];
    client.failAll({ code: "engine/stopped", message: "gone" });
    expect(await Promise.all(requests.map(codeOf))).toEqual(["engine/stopped", "engine/stopped"]);
  });

  it("fails a request that could not be sent", async () => {
    const client = createRpcClient(() => {
      throw new Error("port closed");
    });
    expect(await codeOf(client.request("model/overview", {}))).toBe("protocol/not-sent");
  });

  it("pages made one after another do not use the same numbers", () => {
    const ids: number[] = [];
    for (let page = 0; page < 20; page++) void createRpcClient(({ id }) => ids.push(id)).request("model/overview", {});
    expect(new Set(ids).size).toBe(20);
    expect(ids.every(Number.isSafeInteger)).toBe(true);
  });

  it("lets go of signals when a request has ended", async () => {
    const controller = new AbortController();
    const sent: string[] = [];
    const client = createRpcClient(
      ({ kind }) => sent.push(kind),
      () => 1,
    );
    const request = client.request("model/overview", {}, { signal: controller.signal });
    client.receive({ kind: "result", id: 1, result: "done" });
    await request;
    controller.abort();
    expect(sent).toEqual(["request"]);
  });
});
