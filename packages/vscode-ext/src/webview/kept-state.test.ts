import { describe, expect, it, vi } from "vitest";
import { createStateKeeper, type KeptState, readKeptState } from "./kept-state.js";

describe("readKeptState", () => {
  it("reads back what was kept", () => {
    const state = { place: { page: "tensor", weight: "w", compareWith: "/x" }, pages: { layers: { line: 3 } } };
    expect(readKeptState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it.each([undefined, null, 1, "x", {}, { place: {} }, { place: { page: "elsewhere" } }, { place: null, pages: {} }])(
    "is nothing for %j",
    (state) => {
      expect(readKeptState(state)).toBeUndefined();
    },
  );

  it("drops what is of the wrong kind", () => {
    expect(readKeptState({ place: { page: "layers", weight: 5, setting: {} }, pages: [] })).toEqual({
      place: { page: "layers" },
      pages: {},
    });
  });
});

describe("createStateKeeper", () => {
  const first: KeptState = { place: { page: "overview" }, pages: {} };
  const api = () => ({ postMessage: vi.fn(), getState: vi.fn(), setState: vi.fn() });

  it("writes once for many changes, the last one", () => {
    vi.useFakeTimers();
    const recorded = api();
    const keeper = createStateKeeper(recorded, first);
    for (let scrollTop = 0; scrollTop < 50; scrollTop += 1)
      keeper.change({ ...first, pages: { layers: { scrollTop } } });
    expect(recorded.setState).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(recorded.setState.mock.calls).toEqual([[{ ...first, pages: { layers: { scrollTop: 49 } } }]]);
    vi.useRealTimers();
  });

  it("writes at once when the page goes away, and not again", () => {
    vi.useFakeTimers();
    const recorded = api();
    const keeper = createStateKeeper(recorded, first);
    keeper.change({ ...first, place: { page: "layers" } });
    keeper.flush();
    vi.runAllTimers();
    expect(recorded.setState).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });
});
