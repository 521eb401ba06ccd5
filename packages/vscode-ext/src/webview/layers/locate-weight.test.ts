import { describe, expect, it } from "vitest";
import type { LayerQuery } from "../../protocol/layer-messages.js";
import type { Ask } from "../../protocol/rpc-client.js";
import { FIRST_QUERY } from "./layers-state.js";
import { locateWeight } from "./locate-weight.js";

function engine(answer: (query: LayerQuery) => { line: number; unfolded: string[] }) {
  const filters: string[] = [];
  const request = (async (_name: string, params: LayerQuery & { name: string }) => {
    filters.push(params.filter);
    return answer(params);
  }) as unknown as Ask;
  return { request, filters };
}
const { signal } = new AbortController();

describe("locateWeight", () => {
  it("unfolds what hides it", async () => {
    const { request, filters } = engine(() => ({ line: 7, unfolded: ["model", "model.layers"] }));
    const query = { ...FIRST_QUERY, except: ["model", "other"] };
    expect(await locateWeight(request, query, "w", signal)).toEqual({
      line: 7,
      query: { ...query, except: ["other", "model.layers"] },
    });
    expect(filters).toEqual([""]);
  });

  it("gives up the filter where that leaves it out", async () => {
    const { request, filters } = engine(({ filter }) => ({ line: filter === "" ? 3 : -1, unfolded: [] }));
    const found = await locateWeight(request, { ...FIRST_QUERY, filter: "mlp" }, "w", signal);
    expect(found).toEqual({ line: 3, query: FIRST_QUERY });
    expect(filters).toEqual(["mlp", ""]);
  });

  it("finds nothing in a model without it", async () => {
    const { request } = engine(() => ({ line: -1, unfolded: [] }));
    expect(await locateWeight(request, FIRST_QUERY, "w", signal)).toBeUndefined();
  });
});
