import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TensorData, writeSafetensors } from "@lowbit/core/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT_CODES } from "../exit-codes.js";
import { lowbit, requireBuild } from "../run-lowbit.fixture.js";

const f32 = (name: string, shape: readonly number[], ...values: number[]): TensorData => ({
  name,
  dtype: "F32",
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
});
const ids = (last: number): TensorData => ({ name: "ids", dtype: "U8", shape: [1], data: Uint8Array.of(last) });
const evil = 'x,"y"\u001b[2J\n=1';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  requireBuild();
  folder = mkdtempSync(join(tmpdir(), "lowbit-csv-"));
  writeFileSync(
    at("a.safetensors"),
    writeSafetensors([
      f32("w", [2, 2], 1, -2, 0, 3),
      f32(evil, [1], Number.NaN),
      f32("gone", [1], 1),
      f32("t", [1, 2], 1, 2),
      ids(1),
    ]),
  );
  writeFileSync(
    at("b.safetensors"),
    writeSafetensors([f32("w", [2, 2], 1, -2, 0, 4), f32(evil, [1], Number.NaN), f32("t", [2, 1], 1, 2), ids(2)]),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Fields of every line, read by the rules of RFC 4180. */
function parseCsv(text: string): Record<string, string>[] {
  const records = text.split("\r\n");
  expect(records.pop()).toBe("");
  const fields = records.map((record) =>
    [...record.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
    ),
  );
  const [titles, ...rows] = fields;
  return rows.map((row) => {
    expect(row).toHaveLength(titles!.length);
    return Object.fromEntries(titles!.map((title, index) => [title, row[index]!]));
  });
}

describe("tables as CSV", { timeout: 120_000 }, () => {
  it("inspect: a row a weight; hostile names cannot break out of their field", async () => {
    const { exitCode, stdout } = await lowbit(["inspect", at("a.safetensors"), "--csv", "--sort", "bytes"]);
    expect(exitCode).toBe(0);
    const rows = parseCsv(stdout);
    expect(rows[0]).toEqual({
      ...{ name: "w", storage: "F32", shape: "2x2", parameters: "4", bytes: "16" },
      ...{ bits_per_weight: "32", shard: "a.safetensors" },
    });
    expect(rows.map(({ name }) => name)).toContain('x,"y"\\u001b[2J\\u000a=1');
    expect(stdout).not.toContain("\u001b");
  });

  it("stats: every figure of every float tensor", async () => {
    const { exitCode, stdout } = await lowbit(["stats", at("a.safetensors"), "--csv", "--tensor", "w"]);
    expect(exitCode).toBe(0);
    const [row, ...more] = parseCsv(stdout);
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      ...{ name: "w", is_decoded: "false", count: "4", zero_count: "1", nan_count: "0" },
      ...{ minimum: "-2", maximum: "3", abs_maximum: "3", mean: "0.5", outlier_count: "0" },
    });
    expect(Number(row!["rms"])).toBeCloseTo(Math.sqrt(14 / 4), 12);
    expect(Number(row!["magnitude_quantile_0.5"])).toBeGreaterThan(0);
  });

  it("compare: figures of pairs, then what has none; the exit code says whether they differ", async () => {
    const { exitCode, stdout } = await lowbit(["compare", at("a.safetensors"), at("b.safetensors"), "--csv"]);
    expect(exitCode).toBe(EXIT_CODES.difference);
    const rows = new Map(parseCsv(stdout).map((row) => [row["name"], row]));
    expect(rows.get("w")).toMatchObject({
      ...{ shape: "2x2", left: "F32", right: "F32", difference: "values", mean_squared_error: "0.25", max_error: "1" },
      non_finite_count: "0",
    });
    expect(rows.get("t")).toMatchObject({ difference: "shape", left: "1x2", right: "2x1", sqnr_db: "" });
    expect(rows.get("gone")).toMatchObject({ difference: "only-left", relative_error: "" });
    expect(rows.get("ids")).toMatchObject({ difference: "values", relative_error: "" });
    expect(rows.get('x,"y"\\u001b[2J\\u000a=1')).toMatchObject({ difference: "none", non_finite_count: "0" });
  });
});
