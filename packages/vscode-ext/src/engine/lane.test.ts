import type { KernelBackend } from "@lowbit/core/backend";
import type { Checkpoint, CheckpointTensor } from "@lowbit/core/safetensors";
import { describe, expect, it } from "vitest";
import type { CreatedBackend } from "./environment.js";
import { createLane } from "./lane.js";

const never = new AbortController().signal;

function backends() {
  const made: string[] = [];
  const closed: string[] = [];
  const create = async (): Promise<CreatedBackend> => {
    const name = `backend ${made.length}`;
    made.push(name);
    return { backend: { name, close: () => closed.push(name) } as unknown as KernelBackend, description: name };
  };
  return { made, closed, create };
}

describe("a lane", () => {
  it("makes its backend when it is needed, and does one scan at a time in order", async () => {
    const { made, create } = backends();
    const lane = createLane([], create);
    expect(made).toEqual([]);
    const steps: string[] = [];
    const scan = (name: string) => async () => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      steps.push(`${name} ends`);
    };
    await Promise.all([lane.run(never, scan("a")), lane.run(never, scan("b"))]);
    expect(steps).toEqual(["a begins", "a ends", "b begins", "b ends"]);
    expect(made).toHaveLength(1);
  });

  it("goes on after a failure, and does not begin what was cancelled", async () => {
    const lane = createLane([], backends().create);
    const cancelled = new AbortController();
    const failing = lane.run(never, () => Promise.reject(new Error("broken")));
    const waiting = lane.run(cancelled.signal, async () => "begun");
    const next = lane.run(never, async () => "done");
    cancelled.abort();
    await expect(failing).rejects.toThrow("broken");
    await expect(waiting).rejects.toMatchObject({ failure: { code: "protocol/cancelled" } });
    expect(await next).toBe("done");
  });

  it("tries again when no backend could be made", async () => {
    let tries = 0;
    const { create } = backends();
    const lane = createLane([], () => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error("none")) : create();
    });
    await expect(lane.run(never, async () => 1)).rejects.toThrow("none");
    expect(await lane.run(never, async () => 1)).toBe(1);
  });

  it("closes a backend when what uses it has ended", async () => {
    const { made, closed, create } = backends();
    const lane = createLane([], create);
    let closedDuring = -1;
    const scan = lane.run(never, async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      closedDuring = closed.length;
    });
    await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, 0));
    lane.forgetBackend();
    await scan;
    expect(closedDuring).toBe(0);
    await lane.run(never, async () => {});
    expect([made.length, closed]).toEqual([2, ["backend 0"]]);
  });

  it("lets reads wait while a lane before it works, unless they are cancelled", async () => {
    const first = createLane([], backends().create);
    const second = createLane([first], backends().create);
    const reads: string[] = [];
    const checkpoint = {
      name: "kept",
      read: async () => {
        reads.push("read");
      },
    } as unknown as Checkpoint;
    const courteous = second.courteous(checkpoint);
    expect(courteous.name).toBe("kept");
    const work = Promise.withResolvers<void>();
    const busy = first.run(never, () => work.promise);
    const read = courteous.read({} as CheckpointTensor, 0, new Uint8Array(0));
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(reads).toEqual([]);
    work.resolve();
    await Promise.all([busy, read]);
    expect(reads).toEqual(["read"]);
  });

  it.each(["ends in its turn", "never gets its turn"])("waits no more for a cancelled scan that %s", async (how) => {
    const first = createLane([], backends().create);
    const second = createLane([first], backends().create);
    const checkpoint = { read: async () => {} } as unknown as Checkpoint;
    const cancelled = new AbortController();
    const before = how === "never gets its turn" ? first.run(never, async () => {}) : undefined;
    const scan = first.run(
      cancelled.signal,
      () =>
        new Promise((_, reject) =>
          cancelled.signal.addEventListener("abort", () => reject(cancelled.signal.reason as Error)),
        ),
    );
    const outcome = expect(scan).rejects.toBeDefined();
    if (before === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    const read = second.courteous(checkpoint).read({} as CheckpointTensor, 0, new Uint8Array(0));
    cancelled.abort();
    await Promise.all([before, outcome, read]);
    expect(await second.run(never, async () => "done")).toBe("done");
  });
});
