import type { LogicalRow } from "@lowbit/core/layouts";
import type { CsvTable } from "../output/csv.js";
import { bitsPerWeight } from "./sort-rows.js";

/** One row a weight, from the headers. */
export function weightTable(rows: readonly LogicalRow[]): CsvTable {
  return {
    titles: ["name", "storage", "shape", "parameters", "bytes", "bits_per_weight", "shard"],
    rows: rows.map((row) => {
      const { name, storage, shape, parameters, bytes, shard } = row;
      return [name, storage, shape.join("x"), parameters, bytes, bitsPerWeight(row), shard];
    }),
  };
}
