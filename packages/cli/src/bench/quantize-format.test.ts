import { describe, expect, it } from "vitest";
import { lowbit, requireBuild } from "../run-lowbit.fixture.js";

describe("lowbit bench quantize --format", { timeout: 120_000 }, () => {
  it("measures every type from file to file in a process of its own", async () => {
    requireBuild();
    const formats = ["--format", "gguf:Q8_0", "--format", "gguf:TQ2_0"];
    const { exitCode, stdout } = await lowbit([
      "bench",
      "quantize",
      ...formats,
      "--size",
      "10MB",
      "--rounds",
      "1",
      "--json",
    ]);
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.inputBytes).toBeGreaterThan(10e6);
    expect(report.formats.map(({ format }: { format: string }) => format)).toEqual(["gguf:Q8_0", "gguf:TQ2_0"]);
    for (const { seconds, workSeconds, outputBytes, peakMemoryBytes, llama } of report.formats) {
      expect(seconds).toBeGreaterThan(workSeconds);
      expect(outputBytes).toBeLessThan(report.inputBytes);
      expect(peakMemoryBytes).toBeGreaterThan(2 ** 20);
      expect(llama).toBeUndefined();
    }
  });

  it("takes types of GGUF only", async () => {
    const { exitCode, stderr } = await lowbit(["bench", "quantize", "--format", "gptq"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("options/command-line");
  });
});
