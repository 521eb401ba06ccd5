import { describe, expect, it, vi } from "vitest";
import { RequestError } from "../../protocol/rpc-client.js";
import { createRequestPart } from "./request-part.js";

function later<R>() {
  let settle: { resolve(result: R): void; reject(error: unknown): void } | undefined;
  const promise = new Promise<R>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe("createRequestPart", () => {
  it("answers the latest question only, and takes the earlier one back", async () => {
    const part = createRequestPart(() => {});
    const [first, second] = [later<string>(), later<string>()];
    const answers: string[] = [];
    let stale: AbortSignal | undefined;
    part.ask(
      "a",
      (signal) => {
        stale = signal;
        return first.promise;
      },
      (text) => answers.push(text),
    );
    part.ask(
      "b",
      () => second.promise,
      (text) => answers.push(text),
    );
    expect(stale!.aborted).toBe(true);
    second.resolve("second");
    first.resolve("first");
    await turn();
    expect([answers, part.state.isLoading]).toEqual([["second"], false]);
  });

  it("does not ask twice for the same", async () => {
    const run = vi.fn(async () => 1);
    const part = createRequestPart(() => {});
    part.ask("a", run, () => {});
    part.ask("a", run, () => {});
    await turn();
    part.ask("a", run, () => {});
    expect(run).toHaveBeenCalledTimes(1);
    part.stop();
    part.ask("a", run, () => {});
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("keeps a failure until it is tried again; cancelled ones are none", async () => {
    const onChange = vi.fn();
    const part = createRequestPart(onChange);
    let fails = true;
    const answers: number[] = [];
    const run = async (): Promise<number> => {
      if (fails) throw new RequestError({ code: "x/y", message: "broken" });
      return 7;
    };
    part.ask("a", run, (answer) => answers.push(answer));
    await turn();
    expect([part.state.failure?.code, part.state.isLoading]).toEqual(["x/y", false]);
    fails = false;
    part.state.retry();
    await turn();
    expect([part.state.failure, answers]).toEqual([undefined, [7]]);
    part.ask(
      "c",
      () => Promise.reject(new RequestError({ code: "protocol/cancelled", message: "" })),
      () => {},
    );
    await turn();
    expect([part.state.failure, part.state.isLoading]).toEqual([undefined, false]);
    expect(onChange).toHaveBeenCalled();
  });

  it("tells how far the latest is", () => {
    const part = createRequestPart(() => {});
    let report: ((progress: { label: string; done: number; total: number }) => void) | undefined;
    part.ask(
      "a",
      (_signal, onProgress) => {
        report = onProgress;
        return new Promise(() => {});
      },
      () => {},
    );
    report!({ label: "w", done: 1, total: 4 });
    expect(part.state).toMatchObject({ isLoading: true, progress: { done: 1, total: 4 } });
    part.stop();
    report!({ label: "w", done: 2, total: 4 });
    expect(part.state).toMatchObject({ isLoading: false, progress: undefined });
  });
});
