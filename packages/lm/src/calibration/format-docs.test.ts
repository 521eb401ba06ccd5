import { readFileSync } from "node:fs";
import { STATISTIC_KINDS } from "@lowbit/core/quantizers";
import { describe, expect, it } from "vitest";
import { GRADIENT_COLLECTORS, INPUT_COLLECTORS } from "./collectors/collector-table.js";
import { parseStatisticsSchema } from "./parse-statistics-schema.js";
import { STATISTICS_METADATA_KEY, STATISTICS_VERSION } from "./statistics-schema.js";

const text = readFileSync(new URL("../../../../docs/formats/statistics.md", import.meta.url), "utf8");

describe("docs/formats/statistics.md", () => {
  it("has a row for every kind", () => {
    for (const kind of STATISTIC_KINDS) {
      const row = text.split("\n").find((line) => line.startsWith(`| \`${kind}\` |`));
      expect(row, kind).toContain(kind in GRADIENT_COLLECTORS ? "once a weight" : "once an input");
    }
    expect(text).toContain(`| I · (I + 1) / 2, the lower triangle |`);
    expect(INPUT_COLLECTORS.hessian.valueCount(5)).toBe((5 * 6) / 2);
  });

  it("shows a schema that the reader takes, and explains every field of it", () => {
    expect(text).toContain(`# The lowbit statistics file, version ${STATISTICS_VERSION}`);
    const example = text
      .match(/```json\n([^`]*)```/)![1]!
      .replace(/"([0-9a-f]{8})…"/g, (_, digits) => `"${digits.repeat(8)}"`);
    const schema = parseStatisticsSchema("the example", { [STATISTICS_METADATA_KEY]: example });
    for (const field of Object.keys(schema)) expect(text).toMatch(new RegExp(`^\\| \`${field}\` \\|`, "m"));
    const nested = [...Object.keys(schema.calibration), ...Object.keys(Object.values(schema.layers)[0]!)];
    for (const field of nested) expect(text.slice(text.indexOf("| field |"))).toContain(`\`${field}\``);
  });
});
