import { describe, expect, it, vi } from "vitest";
import type { Ask } from "../../protocol/rpc-client.js";
import { RequestError } from "../../protocol/rpc-client.js";
import type { MapPicture, MapQuery } from "../../protocol/tensor-messages.js";
import { somePicture } from "./map-context.fixture.js";
import { createTileLoader } from "./tile-loader.js";

const WINDOW = { row: 0, rows: 4, column: 0, columns: 4 };

function query(threshold: number): MapQuery {
  return {
    name: "w",
    side: { kind: "own" },
    quantity: "magnitude",
    window: WINDOW,
    maxWidth: 4,
    maxHeight: 4,
    threshold,
  };
}

interface OpenAsk {
  readonly params: MapQuery;
  readonly signal: AbortSignal;
  coarse(): void;
  answer(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

function harness() {
  const asks: OpenAsk[] = [];
  const request = ((
    _name: string,
    params: MapQuery,
    options: { signal: AbortSignal; onProgress(progress: object): void },
  ) =>
    new Promise<MapPicture>((resolve, reject) => {
      options.signal.addEventListener("abort", () =>
        reject(new RequestError({ code: "protocol/cancelled", message: "cancelled" })),
      );
      asks.push({
        params,
        signal: options.signal,
        coarse: () =>
          options.onProgress({ label: "w", done: 0, total: 1, coarse: { ...somePicture(WINDOW), isCoarse: true } }),
        answer: async () => {
          resolve(somePicture(WINDOW));
          await Promise.resolve();
        },
        fail: async (error) => {
          reject(error);
          await Promise.resolve();
        },
      });
    })) as unknown as Ask;
  const pictures: [isCoarse: boolean, threshold: number][] = [];
  const failures: unknown[] = [];
  const loader = createTileLoader(request, {
    onPicture: (picture, { threshold }) => pictures.push([picture.isCoarse, threshold]),
    onFailure: (error) => failures.push(error),
  });
  return { asks, pictures, failures, loader };
}

describe("createTileLoader", () => {
  it("hands on the coarse picture, then the complete one", async () => {
    const { asks, pictures, loader } = harness();
    loader.want(query(1));
    asks[0]!.coarse();
    expect([pictures, loader.isLoading]).toEqual([[[true, 1]], true]);
    await asks[0]!.answer();
    expect([pictures, loader.isLoading]).toEqual([
      [
        [true, 1],
        [false, 1],
      ],
      false,
    ]);
  });

  it("takes back what is no longer wanted, and drops what comes of it all the same", async () => {
    const { asks, pictures, failures, loader } = harness();
    loader.want(query(1));
    loader.want(query(2));
    expect(asks[0]!.signal.aborted).toBe(true);
    asks[0]!.coarse();
    await asks[1]!.answer();
    expect([pictures, failures]).toEqual([[[false, 2]], []]);
  });

  it("does not ask twice for the same, but again after a failure", async () => {
    const { asks, failures, loader } = harness();
    loader.want(query(1));
    loader.want(query(1));
    expect(asks).toHaveLength(1);
    await asks[0]!.fail(new RequestError({ code: "x/y", message: "broken" }));
    expect(failures).toHaveLength(1);
    loader.want(query(1));
    expect(asks).toHaveLength(2);
    await asks[1]!.answer();
    loader.want(query(1));
    expect(asks).toHaveLength(2);
  });

  it("waits, and then asks for the last only", () => {
    vi.useFakeTimers();
    const { asks, loader } = harness();
    for (let i = 0; i < 5; i++) loader.want(query(i), 60);
    expect(asks).toHaveLength(0);
    vi.advanceTimersByTime(60);
    expect(asks.map(({ params }) => params.threshold)).toEqual([4]);
    loader.forget();
    expect(asks[0]!.signal.aborted).toBe(true);
    vi.useRealTimers();
  });
});
