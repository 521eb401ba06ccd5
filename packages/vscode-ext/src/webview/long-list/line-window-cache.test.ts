import { describe, expect, it, vi } from "vitest";
import { type LineWindow, LineWindowCache, PAGE_LINES } from "./line-window-cache.js";

/** An engine whose answers come when the test says. */
function slowEngine(lines: number) {
  const open: { begin: number; signal: AbortSignal; answer(): void; fail(error: unknown): void }[] = [];
  const fetch = (begin: number, end: number, signal: AbortSignal): Promise<LineWindow<number>> =>
    new Promise((resolve, reject) => {
      const rows = Array.from({ length: Math.max(0, Math.min(end, lines) - begin) }, (_, index) => begin + index);
      open.push({ begin, signal, answer: () => resolve({ lines, weights: lines, rows }), fail: reject });
    });
  return { open, fetch };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("LineWindowCache", () => {
  it("asks for the page on the screen first, for its neighbours when the length is known", async () => {
    const { open, fetch } = slowEngine(1000);
    const onChange = vi.fn();
    const cache = new LineWindowCache<number>(fetch, onChange, () => {});
    cache.want(410, 430);
    expect(open.map(({ begin }) => begin)).toEqual([400]);
    expect(cache.lines).toBeUndefined();
    open[0]!.answer();
    await settle();
    expect(onChange).toHaveBeenCalledTimes(1);
    expect(cache.lines).toBe(1000);
    expect(cache.get(415)).toBe(415);
    expect(cache.get(0)).toBeUndefined();
    cache.want(410, 430);
    expect(open.slice(1).map(({ begin }) => begin)).toEqual([600, 200]);
    cache.want(410, 430);
    expect(open).toHaveLength(3);
  });

  it("takes back what has been scrolled past", async () => {
    const { open, fetch } = slowEngine(100_000);
    const cache = new LineWindowCache<number>(
      fetch,
      () => {},
      () => {},
    );
    cache.want(0, 30);
    cache.want(50_000, 50_030);
    expect(open[0]!.signal.aborted).toBe(true);
    expect(open[1]!.signal.aborted).toBe(false);
    expect(open[1]!.begin).toBe(50_000);
  });

  it("never asks beyond the end", async () => {
    const { open, fetch } = slowEngine(PAGE_LINES);
    const cache = new LineWindowCache<number>(
      fetch,
      () => {},
      () => {},
    );
    cache.want(0, 40);
    open[0]!.answer();
    await settle();
    cache.want(0, 40);
    expect(open).toHaveLength(1);
    expect(cache.has(0, 500)).toBe(true);
  });

  it("loads a range over pages, sharing requests that are under way", async () => {
    const { open, fetch } = slowEngine(450);
    const cache = new LineWindowCache<number>(
      fetch,
      () => {},
      () => {},
    );
    cache.want(0, 10);
    const range = cache.load(150, 600);
    for (let page = 0; page < 3; page += 1) {
      await settle();
      open[page]!.answer();
    }
    expect(await range).toEqual(Array.from({ length: 300 }, (_, index) => 150 + index));
    expect(open).toHaveLength(3);
  });

  it("keeps a bounded number of pages and forgets the oldest", async () => {
    const { open, fetch } = slowEngine(1_000_000);
    const cache = new LineWindowCache<number>(
      fetch,
      () => {},
      () => {},
    );
    for (let page = 0; page <= 100; page += 1) {
      const loaded = cache.load(page * PAGE_LINES, page * PAGE_LINES + 1);
      open.at(-1)!.answer();
      await loaded;
    }
    expect(cache.get(0)).toBeUndefined();
    expect(cache.get(PAGE_LINES)).toBe(PAGE_LINES);
    expect(cache.get(100 * PAGE_LINES)).toBe(100 * PAGE_LINES);
  });

  it("reports failures, asks again when wanted again, is silent once disposed", async () => {
    const { open, fetch } = slowEngine(10);
    const onFailure = vi.fn();
    const cache = new LineWindowCache<number>(fetch, () => {}, onFailure);
    cache.want(0, 5);
    open[0]!.fail(new Error("gone"));
    await settle();
    expect(onFailure).toHaveBeenCalledTimes(1);
    cache.want(0, 5);
    expect(open).toHaveLength(2);
    cache.dispose();
    expect(open[1]!.signal.aborted).toBe(true);
    open[1]!.fail(new Error("aborted"));
    await settle();
    expect(onFailure).toHaveBeenCalledTimes(1);
  });
});
