import { describe, expect, it } from "vitest";
import { FIRST_QUERY, FIRST_STATE, MOST_IDS, readLayersState, sortedBy, toggled } from "./layers-state.js";

describe("readLayersState", () => {
  it("reads back what was kept, through JSON", () => {
    const state = {
      query: {
        sort: "bytes" as const,
        descending: true,
        filter: "*mlp*",
        tree: false,
        foldEqual: false,
        unfolded: ["a"],
        except: ["b"],
      },
      line: 12,
      anchor: 3,
      scrollTop: 264.5,
      located: "model.norm.weight",
    };
    expect(readLayersState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it.each([
    undefined,
    null,
    7,
    "state",
    [],
    {},
    { query: null, line: -1, anchor: 1.5, scrollTop: Number.NaN },
    { query: { sort: "constructor", filter: 3, unfolded: 4, except: 5 }, line: "2" },
  ])("begins anew with %j", (kept) => {
    expect(readLayersState(kept)).toEqual({ ...FIRST_STATE, located: undefined });
  });

  it("drops ids that are none and those beyond what the host lets through", () => {
    const ids = [1, ...Array.from({ length: MOST_IDS + 5 }, (_, index) => `m${index}`)];
    expect(readLayersState({ query: { unfolded: ids } }).query.unfolded).toHaveLength(MOST_IDS);
  });
});

describe("toggled", () => {
  it("changes the side of an id and back", () => {
    const once = toggled(FIRST_QUERY, "model.layers");
    expect(once.except).toEqual(["model.layers"]);
    expect(toggled(once, "model.norm").except).toEqual(["model.layers", "model.norm"]);
    expect(toggled(once, "model.layers").except).toEqual([]);
  });
});

describe("sortedBy", () => {
  it("begins in the natural direction and turns round", () => {
    const first = sortedBy(FIRST_QUERY, "bytes", true);
    expect(first).toMatchObject({ sort: "bytes", descending: true });
    expect(sortedBy(first, "bytes", true)).toMatchObject({ sort: "bytes", descending: false });
    expect(sortedBy(FIRST_QUERY, "name", false)).toMatchObject({ sort: "name", descending: true });
  });
});
