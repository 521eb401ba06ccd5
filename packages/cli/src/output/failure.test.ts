import { LowbitError } from "@lowbit/core/errors";
import { CommanderError } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EXIT_CODES } from "../exit-codes.js";
import { reportFailure } from "./failure.js";

let stdout = "";
let stderr = "";
beforeEach(() => {
  stdout = "";
  stderr = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("reportFailure", () => {
  const aborted = new LowbitError("pipeline/aborted", "The run was cancelled.");

  it.each(["quantize", "dequantize", "convert"])("%s: cancelled, and how to go on", (command) => {
    expect(reportFailure(aborted, { json: false, command })).toBe(EXIT_CODES.interrupted);
    expect(stderr).toContain("--resume");
    expect(stdout).toBe("");
  });

  it.each(["stats", "compare", "bench", undefined])("%s: cancelled, without --resume", (command) => {
    expect(reportFailure(aborted, { json: false, command })).toBe(EXIT_CODES.interrupted);
    expect(stderr).toContain("[pipeline/aborted]");
    expect(stderr).not.toContain("--resume");
  });

  it("shows the stack of an error that is not ours, also with --json", () => {
    expect(reportFailure(new TypeError("oops"), { json: true })).toBe(EXIT_CODES.failure);
    expect(stderr).toMatch(/oops[\s\S]*failure\.test[\s\S]*bug in lowbit/);
  });

  it("takes --help for success", () => {
    expect(reportFailure(new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"), { json: true })).toBe(0);
    expect(stdout).toBe("");
  });
});
