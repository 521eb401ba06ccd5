import type { KernelBackend } from "../backend/kernel-backend.js";
import { allocateRowStatistics } from "../backend/statistics-arrays.js";
import { type FloatSums, SEGMENT_ELEMENTS } from "./statistics-partial.js";

/** Elements of one row of `rowStatistics`: the tensor is taken as one long vector, whatever its shape. */
export const SUM_ROW_ELEMENTS = 4096;

/**
 * Adds up blocks of consecutive f32 that begin at a segment; all but the last are multiples of `SUM_ROW_ELEMENTS`.
 * Rows are added in ascending order within their segment.
 */
export interface FloatSumsAccumulator {
  add(values: Float32Array): void;
  finish(): FloatSums;
}

export function createFloatSums(backend: KernelBackend): FloatSumsAccumulator {
  const segments: number[] = [];
  let position = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let nanCount = 0;
  let infiniteCount = 0;
  let zeroCount = 0;

  const addRows = (values: Float32Array, rows: number, columns: number): void => {
    if (values.length === 0) return;
    const found = allocateRowStatistics(rows);
    backend.rowStatistics({ values, rows, columns }, found);
    for (let row = 0; row < rows; row++) {
      if (position % SEGMENT_ELEMENTS === 0) segments.push(0, 0, 0, 0);
      const at = segments.length - 4;
      segments[at]! += found.sum[row]!;
      segments[at + 1]! += found.sum2[row]!;
      segments[at + 2]! += found.sum3[row]!;
      segments[at + 3]! += found.sum4[row]!;
      minimum = Math.min(minimum, found.minimum[row]!);
      maximum = Math.max(maximum, found.maximum[row]!);
      nanCount += found.nanCount[row]!;
      infiniteCount += found.infiniteCount[row]!;
      zeroCount += found.zeroCount[row]!;
      position += columns;
    }
  };

  return {
    add(values) {
      const rows = Math.floor(values.length / SUM_ROW_ELEMENTS);
      const whole = rows * SUM_ROW_ELEMENTS;
      addRows(values.subarray(0, whole), rows, SUM_ROW_ELEMENTS);
      addRows(values.subarray(whole), 1, values.length - whole);
    },
    finish: () => ({ segments: Float64Array.from(segments), minimum, maximum, nanCount, infiniteCount, zeroCount }),
  };
}
