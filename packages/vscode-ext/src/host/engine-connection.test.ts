import { describe, expect, it } from "vitest";
import { RequestError } from "../protocol/request-error.js";
import { createEngineConnection, type EngineConnection } from "./engine-connection.js";
import { createFakeEngines, type FakeEngines, settle, TEST_ENGINE_SETTINGS } from "./fake-engine.fixture.js";

function connect(engines: FakeEngines): EngineConnection {
  return createEngineConnection({ launch: engines.launch, settings: TEST_ENGINE_SETTINGS, log: () => {} });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "no failure";
  } catch (error) {
    return error instanceof RequestError ? error.failure.code : String(error);
  }
}

const path = (name: string) => async () => ({ kind: "path", path: name }) as const;

describe("engine connection", () => {
  it("configures, names the model once, then asks", async () => {
    const engines = createFakeEngines();
    const model = connect(engines).openModel(path("/a"));
    const first = model.ask("model/overview", {});
    const second = model.ask("trial/methods", {});
    await settle();
    expect(engines.posted[0]?.map(({ kind }) => kind)).toEqual(["configure", "model", "request", "request"]);
    for (const { id, name } of engines.requests()) engines.latest().onMessage({ kind: "result", id, result: name });
    expect([await first, await second]).toEqual(["model/overview", "trial/methods"]);
  });

  it("sends nothing before the engine is ready", async () => {
    const engines = createFakeEngines({ isReady: false });
    void connect(engines)
      .openModel(path("/a"))
      .ask("model/overview", {})
      .catch(() => {});
    await settle();
    expect(engines.posted[0]?.map(({ kind }) => kind)).toEqual(["configure"]);
    engines.latest().onMessage({ kind: "ready" });
    await settle();
    expect(engines.posted[0]?.map(({ kind }) => kind)).toEqual(["configure", "model", "request"]);
  });

  it("keeps models apart", async () => {
    const engines = createFakeEngines();
    const connection = connect(engines);
    const [a, b] = [connection.openModel(path("/a")), connection.openModel(path("/b"))];
    const answers = [a.ask("model/overview", {}), b.ask("model/overview", {})];
    await settle();
    for (const { id, model } of engines.requests()) engines.latest().onMessage({ kind: "result", id, result: model });
    expect(await Promise.all(answers)).toEqual([1, 2]);
  });

  it("names the model again when its file changed, under the same number", async () => {
    const engines = createFakeEngines();
    const model = connect(engines).openModel(path("/a"));
    void model.ask("model/overview", {}).catch(() => {});
    await settle();
    model.reopen();
    model.reopen();
    void model.ask("model/overview", {}).catch(() => {});
    await settle();
    const models = engines.posted[0]?.filter(({ kind }) => kind === "model");
    expect(models).toEqual([
      { kind: "model", model: 1, source: { kind: "path", path: "/a" } },
      { kind: "model", model: 1, source: { kind: "path", path: "/a" } },
    ]);
  });

  it("fails what is open when the engine dies, and starts another for the next request", async () => {
    const engines = createFakeEngines();
    const model = connect(engines).openModel(path("/a"));
    const open = model.ask("model/overview", {});
    await settle();
    engines.latest().onEnd("killed");
    expect(await codeOf(open)).toBe("engine/stopped");
    const next = model.ask("model/overview", {});
    await settle();
    expect(engines.posted).toHaveLength(2);
    expect(engines.posted[1]?.map(({ kind }) => kind)).toEqual(["configure", "model", "request"]);
    const [request] = engines.requests().slice(-1);
    engines.latest().onMessage({ kind: "result", id: request?.id ?? 0, result: "again" });
    expect(await next).toBe("again");
  });

  it("fails, and does not wait, when the engine cannot be started", async () => {
    const engines = createFakeEngines({ isReady: false });
    const model = connect(engines).openModel(path("/a"));
    const open = model.ask("model/overview", {});
    await settle();
    engines.latest().onEnd("no such file");
    expect(await codeOf(open)).toBe("engine/stopped");
  });

  it("cancels in the engine", async () => {
    const engines = createFakeEngines();
    const controller = new AbortController();
    const open = connect(engines).openModel(path("/a")).ask("compare/run", {}, { signal: controller.signal });
    await settle();
    controller.abort();
    expect(await codeOf(open)).toBe("protocol/cancelled");
    expect(engines.posted[0]?.at(-1)).toEqual({ kind: "cancel", id: engines.requests()[0]?.id });
  });

  it("a source that cannot be found fails the request, not the model", async () => {
    const engines = createFakeEngines();
    let attempts = 0;
    const model = connect(engines).openModel(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("unreachable");
      return { kind: "path", path: "/a" };
    });
    expect(await codeOf(model.ask("model/overview", {}))).toBe("Error: unreachable");
    void model.ask("model/overview", {}).catch(() => {});
    await settle();
    expect(engines.requests()).toHaveLength(1);
  });

  it("closing ends what is open and tells the engine", async () => {
    const engines = createFakeEngines();
    const model = connect(engines).openModel(path("/a"));
    const open = model.ask("model/overview", {});
    await settle();
    model.close();
    expect(await codeOf(open)).toBe("host/model-closed");
    expect(await codeOf(model.ask("model/overview", {}))).toBe("host/model-closed");
    expect(engines.posted[0]?.at(-1)).toEqual({ kind: "close-model", model: 1 });
  });

  it("passes new settings on, and to an engine started later", async () => {
    const engines = createFakeEngines();
    const connection = connect(engines);
    connection.configure({ ...TEST_ENGINE_SETTINGS, backend: "wasm" });
    expect(engines.posted).toEqual([]);
    connection.start();
    expect(engines.posted[0]?.[0]).toMatchObject({ kind: "configure", settings: { backend: "wasm" } });
  });

  it("disposing fails what is open and stops the engine", async () => {
    const engines = createFakeEngines();
    const connection = connect(engines);
    const open = connection.openModel(path("/a")).ask("model/overview", {});
    await settle();
    connection.dispose();
    expect(await codeOf(open)).toBe("engine/stopped");
  });
});
