import { describe, expect, it } from "vitest";
import { type Ask, RequestError } from "../../protocol/rpc-client.js";
import type { ValueWindowQuery } from "../../protocol/tensor-messages.js";
import { BLOCK_COLUMNS, BLOCK_ROWS, createValueStore, loadQuietly, type ValueSource } from "./value-store.js";

const SOURCE: ValueSource = { name: "w", side: { kind: "own" }, rows: 1000, columns: 700 };

/** Every value tells its place; those of the other side are 0.5 more. */
function place(row: number, column: number): number {
  return row * 1000 + column;
}

function harness(source: ValueSource = SOURCE, fails = false) {
  const asked: ValueWindowQuery[] = [];
  const request = (async (_name: string, query: ValueWindowQuery) => {
    asked.push(query);
    if (fails) throw new RequestError({ code: "x/y", message: "broken" });
    const { row, rows, column, columns } = query.window;
    const values = Float32Array.from({ length: rows * columns }, (_, i) =>
      place(row + Math.floor(i / columns), column + (i % columns)),
    );
    return {
      window: query.window,
      values,
      ...(query.against ? { otherValues: values.map((value) => value + 0.5) } : {}),
    };
  }) as unknown as Ask;
  return { asked, store: createValueStore(source, request) };
}

describe("createValueStore", () => {
  it("asks for blocks, within the matrix and the limit of a request, once", async () => {
    const { asked, store } = harness();
    const window = { row: 900, rows: 100, column: 500, columns: 200 };
    expect(store.has(window)).toBe(false);
    await Promise.all([store.load(window), store.load(window)]);
    await store.load(window);
    expect(store.has(window)).toBe(true);
    expect(asked).toHaveLength(new Set(asked.map(({ window: { row, column } }) => `${row},${column}`)).size);
    for (const { window: block } of asked) {
      expect(block.rows <= 256 && block.columns <= 256).toBe(true);
      expect(block.row + block.rows <= 1000 && block.column + block.columns <= 700).toBe(true);
    }
    for (const [row, column] of [
      [900, 500],
      [999, 699],
      [961, 640],
    ] as const) {
      expect(store.peek(row, column)).toEqual({ value: place(row, column) });
    }
    expect(store.peek(0, 0)).toBeUndefined();
  });

  it("brings the other side's values", async () => {
    const { store } = harness({ ...SOURCE, against: { kind: "compared" } });
    await store.load({ row: 3, rows: 1, column: 4, columns: 1 });
    expect(store.peek(3, 4)).toEqual({ value: 3004, other: 3004.5 });
  });

  it("forgets the blocks that were used least lately", async () => {
    const { asked, store } = harness({ ...SOURCE, rows: BLOCK_ROWS * 100, columns: BLOCK_COLUMNS });
    const at = (block: number) => ({ row: block * BLOCK_ROWS, rows: 1, column: 0, columns: 1 });
    for (let block = 0; block < 60; block++) await store.load(at(block));
    await store.load(at(0));
    for (let block = 60; block < 90; block++) await store.load(at(block));
    expect(asked).toHaveLength(90);
    expect([store.has(at(0)), store.has(at(1)), store.has(at(89))]).toEqual([true, false, true]);
  });

  it("rejects as the request does, and asks again the next time", async () => {
    const { asked, store } = harness(SOURCE, true);
    const window = { row: 0, rows: 1, column: 0, columns: 1 };
    await expect(store.load(window)).rejects.toMatchObject({ failure: { code: "x/y" } });
    await expect(loadQuietly(store, window)).rejects.toThrow("broken");
    expect(asked).toHaveLength(2);
  });

  it("is quiet about requests that were taken back", async () => {
    const request = ((_name: string, _params: object, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new RequestError({ code: "protocol/cancelled", message: "" }))),
      )) as unknown as Ask;
    const store = createValueStore(SOURCE, request);
    const loaded = loadQuietly(store, { row: 0, rows: 1, column: 0, columns: 1 });
    store.dispose();
    expect(await loaded).toBe(false);
  });
});
