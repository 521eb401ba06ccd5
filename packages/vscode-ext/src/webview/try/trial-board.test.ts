import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Ask, RequestError, type RequestOptions } from "../../protocol/rpc-client.js";
import type { TrialResult, TrialSettings } from "../../protocol/trial-messages.js";
import { TrialBoard, type TrialSetting } from "./trial-board.js";

const DELAY = 300;
const bits = (count: number): TrialSetting => ({ method: "rtn", options: { bits: count } });

interface OpenRun {
  readonly settings: TrialSettings;
  readonly isCancelled: () => boolean;
  progress(done: number): void;
  finish(): void;
  fail(code: string): void;
}

/** An engine that answers when the test says so. */
function fakeEngine(): { readonly ask: Ask; readonly runs: OpenRun[]; readonly removed: string[] } {
  const runs: OpenRun[] = [];
  const removed: string[] = [];
  const ask = ((name: string, params: unknown, options: RequestOptions<"trial/run"> = {}) => {
    if (name === "trial/remove") {
      removed.push((params as { trial: string }).trial);
      return Promise.resolve({});
    }
    const settings = params as TrialSettings;
    const trial = `trial ${runs.length + 1}`;
    return new Promise((resolve, reject) => {
      const cancelled = { code: "protocol/cancelled", message: "The request was cancelled." };
      options.signal?.addEventListener("abort", () => reject(new RequestError(cancelled)));
      runs.push({
        settings,
        isCancelled: () => options.signal?.aborted ?? false,
        progress: (done) => options.onProgress?.({ label: settings.weight, done, total: 10 }),
        finish: () => resolve({ trial, ...settings } as unknown as TrialResult),
        fail: (code) => reject(new RequestError({ code, message: "No." })),
      });
    });
  }) as Ask;
  return { ask, runs, removed };
}

function newBoard(): ReturnType<typeof fakeEngine> & { readonly board: TrialBoard; readonly finished: string[] } {
  const engine = fakeEngine();
  const finished: string[] = [];
  const board = new TrialBoard({
    ask: engine.ask,
    weight: "w",
    delayMilliseconds: DELAY,
    onChange: (card) => card && finished.push(`${card.setting.options["bits"]} ${card.phase}`),
  });
  return { ...engine, board, finished };
}

const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);
const phases = (board: TrialBoard): string[] =>
  board.cards.map(({ setting, phase }) => `${setting.options["bits"]} ${phase}`);

describe("TrialBoard", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("runs a changed setting once, after the last change", async () => {
    const { board, runs } = newBoard();
    for (const count of [2, 3, 4]) board.choose(bits(count));
    await vi.advanceTimersByTimeAsync(DELAY - 1);
    expect(runs).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs.map(({ settings }) => settings)).toEqual([{ weight: "w", method: "rtn", options: { bits: 4 } }]);
    runs[0]?.progress(3);
    expect(board.current?.progress?.done).toBe(3);
    runs[0]?.finish();
    await settle();
    expect(phases(board)).toEqual(["4 done"]);
  });

  it("runs at once what waits for its delay, and once", async () => {
    const { board, runs } = newBoard();
    board.choose(bits(2));
    await vi.advanceTimersByTimeAsync(DELAY - 1);
    board.choose(bits(2), true);
    expect(phases(board)).toEqual(["2 running"]);
    await vi.advanceTimersByTimeAsync(2 * DELAY);
    runs[0]?.finish();
    await settle();
    expect(runs).toHaveLength(1);
    expect(phases(board)).toEqual(["2 done"]);
  });

  it("delays a setting anew that is chosen again while it waits", async () => {
    const { board, runs } = newBoard();
    board.choose(bits(2));
    await vi.advanceTimersByTimeAsync(DELAY - 1);
    board.choose(bits(2));
    await vi.advanceTimersByTimeAsync(DELAY - 1);
    expect(runs).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(phases(board)).toEqual(["2 running"]);
  });

  it("runs a setting that waits behind another run when it is chosen again", async () => {
    const { board, runs } = newBoard();
    board.restore([bits(3)]);
    await settle();
    board.choose(bits(2), true);
    board.choose(bits(2));
    runs[0]?.finish();
    await vi.advanceTimersByTimeAsync(DELAY);
    expect(phases(board)).toEqual(["3 done", "2 running"]);
  });

  it("cancels a stale run and never shows its answer", async () => {
    const { board, runs, finished } = newBoard();
    board.choose(bits(2), true);
    board.choose(bits(3));
    expect(runs[0]?.isCancelled()).toBe(true);
    runs[0]?.finish();
    await vi.advanceTimersByTimeAsync(DELAY - 1);
    expect(runs).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(2);
    runs[1]?.finish();
    await settle();
    expect(board.current?.result?.trial).toBe("trial 2");
    expect(finished).toEqual(["3 done"]);
  });

  it("shows the result before while the next one runs, and removes its trial from the engine", async () => {
    const { board, runs, removed } = newBoard();
    board.choose(bits(2), true);
    runs[0]?.finish();
    await settle();
    board.choose(bits(3), true);
    expect(board.current).toMatchObject({ phase: "running", result: { trial: "trial 1" } });
    expect(removed).toEqual(["trial 1"]);
    runs[1]?.finish();
    await settle();
    expect(board.current).toMatchObject({ phase: "done", result: { trial: "trial 2" } });
  });

  it("keeps pinned settings beside the form's, three at most, none twice", async () => {
    const { board, runs, removed } = newBoard();
    for (const count of [2, 3, 4, 5]) {
      board.choose(bits(count), true);
      runs.at(-1)?.finish();
      await settle();
      board.pin();
    }
    expect(board.cards.map(({ isPinned }) => isPinned)).toEqual([true, true, true, false]);
    expect(board.canPin).toBe(false);
    expect(removed).toEqual([]);
    board.choose(bits(3), true);
    expect(phases(board)).toEqual(["2 done", "3 done", "4 done"]);
    expect(removed).toEqual(["trial 4"]);
    board.remove(board.cards[0]!.key);
    expect(removed).toEqual(["trial 4", "trial 1"]);
    expect(phases(board)).toEqual(["3 done", "4 done"]);
  });

  it("asks results of kept settings anew, one after the other, the form's first", async () => {
    const { board, runs } = newBoard();
    board.restore([bits(2), bits(3)]);
    board.choose(bits(4), true);
    expect(runs).toHaveLength(1);
    runs[0]?.finish();
    await settle();
    runs[1]?.finish();
    await settle();
    runs[2]?.finish();
    await settle();
    expect(runs.map(({ settings }) => settings.options["bits"])).toEqual([4, 2, 3]);
    expect(phases(board)).toEqual(["2 done", "3 done", "4 done"]);
  });

  it("cancels everything that runs or waits, and runs again when asked", async () => {
    const { board, runs } = newBoard();
    board.restore([bits(2), bits(3)]);
    await settle();
    board.cancel();
    await settle();
    expect(phases(board)).toEqual(["2 cancelled", "3 cancelled"]);
    expect(runs).toHaveLength(1);
    board.retry(board.cards[1]!.key);
    runs[1]?.finish();
    await settle();
    expect(phases(board)).toEqual(["2 cancelled", "3 done"]);
  });

  it("tells failures and goes on with what waits", async () => {
    const { board, runs, finished } = newBoard();
    board.restore([bits(2), bits(3)]);
    await settle();
    runs[0]?.fail("options/conflict");
    await settle();
    expect(board.cards[0]).toMatchObject({ phase: "failed", failure: { code: "options/conflict" } });
    runs[1]?.finish();
    await settle();
    expect(finished).toEqual(["2 failed", "3 done"]);
  });

  it("ends the run for a form that cannot be tried, and leaves what was tried before", async () => {
    const { board, runs } = newBoard();
    board.choose(bits(2), true);
    board.hold();
    expect(runs[0]?.isCancelled()).toBe(true);
    expect(phases(board)).toEqual(["2 cancelled"]);
    board.choose(bits(2), true);
    await settle();
    runs[1]?.finish();
    await settle();
    board.hold();
    expect(phases(board)).toEqual(["2 done"]);
  });

  it("finds the trials again that the engine has kept", async () => {
    const engine = fakeEngine();
    const known = [{ trial: "kept", weight: "w", ...bits(3) } as unknown as TrialResult];
    const board = new TrialBoard({ ask: engine.ask, weight: "w", known, delayMilliseconds: DELAY, onChange: () => {} });
    board.restore([bits(2), bits(3)]);
    await settle();
    expect(phases(board)).toEqual(["2 running", "3 done"]);
    expect(engine.runs.map(({ settings }) => settings.options["bits"])).toEqual([2]);
  });

  it("frees every trial when another weight is chosen, and leaves them when only the page goes", async () => {
    const { board, runs, removed } = newBoard();
    board.choose(bits(2), true);
    runs[0]?.finish();
    await settle();
    board.pin();
    board.choose(bits(3), true);
    board.dispose(true);
    await settle();
    expect(runs[1]?.isCancelled()).toBe(true);
    expect(removed).toEqual([]);
    board.dispose(false);
    expect(removed).toEqual(["trial 1"]);
  });
});
