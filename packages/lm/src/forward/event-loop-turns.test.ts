import { afterEach, describe, expect, it, vi } from "vitest";
import { eventLoopTurns } from "./event-loop-turns.js";

afterEach(() => void vi.unstubAllGlobals());

describe("eventLoopTurns", () => {
  it("lets events be handled", async () => {
    let isHandled = false;
    setImmediate(() => {
      isHandled = true;
    });
    await eventLoopTurns()();
    expect(isHandled).toBe(true);
  });

  it("uses timers without setImmediate, and only now and then", async () => {
    vi.stubGlobal("setImmediate", undefined);
    let now = 0;
    vi.stubGlobal("performance", { now: () => now });
    let timers = 0;
    vi.stubGlobal("setTimeout", (run: () => void) => {
      timers++;
      queueMicrotask(run);
    });
    const turn = eventLoopTurns();
    await turn();
    expect(timers).toBe(0);
    now = 60;
    await turn();
    await turn();
    expect(timers).toBe(1);
  });
});
