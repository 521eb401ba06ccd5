import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { colorAt } from "@lowbit/core/analysis";
import { writeSafetensors } from "@lowbit/core/safetensors";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lowbit, requireBuild } from "../run-lowbit.fixture.js";

/** [4, 8]: 1, −2, 3, −4 …; `changed` differs in one weight. */
const values = Float32Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i + 1));
const changed = values.map((value, i) => (i === 11 ? value + 5 : value));
const file = (data: Float32Array): Uint8Array =>
  writeSafetensors([{ name: "w", dtype: "F32", shape: [4, 8], data: new Uint8Array(data.buffer) }]);

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  requireBuild();
  folder = mkdtempSync(join(tmpdir(), "lowbit-map-"));
  writeFileSync(at("a.safetensors"), file(values));
  writeFileSync(at("b.safetensors"), file(changed));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The colours of a picture of `down` × `across` tiles, read in the middle of each. */
async function drawn(down: number, across: number, ...options: string[]): Promise<number[][]> {
  const map = ["stats", at("a.safetensors"), "--outlier-map", "w", "--png", at("map.png")];
  expect(await lowbit([...map, ...options])).toMatchObject({ exitCode: 0, stderr: "" });
  const { data, width } = PNG.sync.read(readFileSync(at("map.png")));
  const side = width / across;
  return Array.from({ length: down * across }, (_, tile) => {
    const [y, x] = [Math.floor(tile / across), tile % across];
    const pixel = (Math.floor((y + 0.5) * side) * width + Math.floor((x + 0.5) * side)) * 4;
    return [...data.subarray(pixel, pixel + 3)];
  });
}

describe("stats --outlier-map", { timeout: 120_000 }, () => {
  it("draws a window, in the colours of its quantity", async () => {
    const window = ["--window", "1:2,2:4"];
    const inWindow = [10, 11, 12, 13, 18, 19, 20, 21].map((i) => values[i]!);
    const signs = inWindow.map((value) => [...colorAt(value > 0 ? 1 : 0)]);
    expect(await drawn(2, 4, "--quantity", "sign", ...window)).toEqual(signs);
    const outliers = inWindow.map((value) => [...colorAt(Math.abs(value) > 14 ? 1 : 0)]);
    expect(await drawn(2, 4, "--quantity", "outliers", "--outliers", "absolute:14", ...window)).toEqual(outliers);
    const error = ["--quantity", "error", "--against", at("b.safetensors")];
    expect(await drawn(2, 4, ...error, ...window)).toEqual(inWindow.map((_, i) => [...colorAt(i === 1 ? 1 : 0)]));
  });

  it("draws the whole tensor by its largest weights where nothing else is asked", async () => {
    const colours = await drawn(4, 8);
    expect(new Set(colours.map(String)).size).toBe(32);
  });

  it("says what it drew", async () => {
    const map = ["stats", at("a.safetensors"), "--outlier-map", "w", "--png", at("map.png"), "--quantity", "sign"];
    const { stdout } = await lowbit([...map, "--window", "1:2,2:4"]);
    expect(stdout).toMatch(/^w, rows 1 to 2, columns 2 to 5: 4×2 tiles of 1×1 weights/);
    expect(JSON.parse((await lowbit([...map, "--json"])).stdout)).toMatchObject({
      quantity: "sign",
      window: { row: 0, rows: 4, column: 0, columns: 8 },
      legend: [-1, -0.5, 0, 0.5, 1],
    });
  });

  it.each([
    ["--quantity error", "options/command-line", /needs --against PATH/],
    ["--against b.safetensors", "options/command-line", /--against needs --quantity error/],
    ["--quantity scale", "analysis/no-scales", /not quantized/],
    ["--window 0:5,0:8", "analysis/invalid-option", /window\.rows is 5/],
    ["--window 0:5", "options/command-line", /ROW:ROWS,COLUMN:COLUMNS/],
    ["--csv", "options/command-line", /cannot be used with/],
  ])("refuses %s: %s", async (options, code, says) => {
    const map = ["stats", at("a.safetensors"), "--outlier-map", "w", "--png", at("none.png"), "--json"];
    const answer = await lowbit([...map, ...options.split(" ")]);
    const { error } = JSON.parse(answer.stdout) as {
      readonly error: { readonly code: string; readonly message: string };
    };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
  });
});
