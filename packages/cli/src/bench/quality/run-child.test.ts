import { beforeAll, describe, expect, it } from "vitest";
import { requireBuild, TINY_LLAMA } from "../../run-lowbit.fixture.js";
import { runChild } from "./run-child.js";

const BUILT = new URL("../../../dist/", import.meta.url);
const NEVER = new AbortController().signal;

beforeAll(requireBuild);

describe("runChild", { timeout: 30_000 }, () => {
  it("gives the answer and the peak memory of the process", async () => {
    const answer = await runChild(["inspect", TINY_LLAMA], NEVER, BUILT);
    expect(answer).toMatchObject({ status: "done", json: { totals: { total: { parameters: 5246208 } } } });
    expect(answer.status === "done" && answer.peakMemoryBytes).toBeGreaterThan(2e7);
  });

  it("gives the code of what went wrong", async () => {
    const answer = await runChild(["inspect", "is-not-there"], NEVER, BUILT);
    expect(answer).toMatchObject({ status: "failed", code: "bytes/cannot-open" });
  });

  it("ends the process when it is cancelled", async () => {
    const args = ["evaluate", TINY_LLAMA, "--text", `${TINY_LLAMA}/sample.txt`];
    await expect(runChild(args, AbortSignal.timeout(500), BUILT)).rejects.toThrow(
      expect.objectContaining({ code: "pipeline/aborted" }),
    );
  });
});
