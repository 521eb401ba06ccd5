import { beforeAll, describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { smallLayer } from "../small-layer.fixture.js";
import { dampedFactor } from "./damped-factor.js";
import { type ColumnMethod, feedbackByBlock, feedbackByColumn } from "./feedback-loop.js";

const backend = createReferenceBackend();
const ROWS = 5;
const COLUMNS = 200;
const layer = smallLayer({ rows: ROWS, columns: COLUMNS });
let factor: Float32Array;

beforeAll(() => {
  factor = dampedFactor(layer.statistics.values.hessian!, COLUMNS, 0.01, backend).factor;
});

const freshWeights = (): RowBlock => ({ ...layer.weights, values: layer.weights.values.slice() });

/** One coarse grid; notes the spans it is asked for. */
function coarse(starts: readonly number[], spans: [first: number, count: number][] = []): ColumnMethod {
  const scale = new Float32Array(ROWS).fill(0.5);
  const zero = new Float32Array(ROWS).fill(8);
  return {
    starts,
    grids(_, first, count) {
      spans.push([first, count]);
      const grids = [{ kind: "affine", levels: 16, scale, zero, groups: 1 } as const];
      return { grids, groupOf: new Uint32Array(count) };
    },
  };
}

describe("feedbackByColumn", () => {
  it.each([128, 32, 17, 1])("gives the same codes with blocks of %i as with one block", (blockColumns) => {
    const [one, many] = [freshWeights(), freshWeights()];
    const wanted = feedbackByColumn(one, factor, coarse([]), backend, COLUMNS);
    const codes = feedbackByColumn(many, factor, coarse([]), backend, blockColumns);
    expect(codes).toEqual(wanted);
    expect(many.values).toEqual(one.values);
  });

  it.each([
    [
      "groups that divide a block",
      [0, 64, 128, 192],
      [
        [0, 64],
        [64, 64],
        [128, 64],
        [192, 8],
      ],
    ],
    [
      "groups that would cross a block",
      [0, 96, 192],
      [
        [0, 96],
        [96, 96],
        [192, 8],
      ],
    ],
    [
      "groups longer than a block",
      [0, 150],
      [
        [0, 128],
        [128, 22],
        [150, 50],
      ],
    ],
    [
      "none",
      [],
      [
        [0, 128],
        [128, 72],
      ],
    ],
    [
      "starts behind the last column",
      [0, 100, 200, 300],
      [
        [0, 100],
        [100, 100],
      ],
    ],
  ])("asks for grids at the start of every group and block: %s", (_, starts, wanted) => {
    const spans: [number, number][] = [];
    feedbackByColumn(freshWeights(), factor, coarse(starts, spans), backend);
    expect(spans).toEqual(wanted);
  });

  it.each([16, 96, 150])(
    "shows weights with all corrections of earlier columns, to the end of a group of %i",
    (group) => {
      const starts = Array.from({ length: Math.ceil(COLUMNS / group) }, (_, g) => g * group);
      const wanted = freshWeights();
      const plain = coarse([]);
      const shown = new Map<number, Float32Array>();
      const watching: ColumnMethod = {
        starts,
        grids(weights, first, count) {
          const end = Math.min(first + group, COLUMNS);
          if (starts.includes(first)) shown.set(first, weights.values.slice(first, end));
          return plain.grids(weights, first, count);
        },
      };
      feedbackByColumn(freshWeights(), factor, watching, backend);
      // One column after another, each correcting all others at once.
      const one = { ...plain, starts: wanted.values.subarray(0, COLUMNS).map((_, j) => j) as never };
      const seen = new Map<number, Float32Array>();
      feedbackByColumn(
        wanted,
        factor,
        {
          starts: [...one.starts],
          grids(weights, first, count) {
            if (starts.includes(first)) seen.set(first, weights.values.slice(first, Math.min(first + group, COLUMNS)));
            return plain.grids(weights, first, count);
          },
        },
        backend,
        COLUMNS,
      );
      for (const start of starts) {
        shown.get(start)!.forEach((value, i) => {
          expect(Math.abs(value - seen.get(start)![i]!)).toBeLessThan(1e-5);
        });
      }
    },
  );

  it("keeps what zones mark, and passes on no error of it", () => {
    const weights = freshWeights();
    const zones = new Uint8Array(ROWS * COLUMNS).fill(1);
    const method = coarse([]);
    const keeping: ColumnMethod = {
      starts: [],
      grids: (block, first, count) => ({ ...method.grids(block, first, count), zones: { zones } }),
    };
    const codes = feedbackByColumn(weights, factor, keeping, backend);
    expect(weights.values).toEqual(layer.weights.values);
    expect(codes).toEqual(new Uint8Array(ROWS * COLUMNS));
  });
});

describe("feedbackByBlock", () => {
  it("passes the errors of a block on to later blocks only", () => {
    const weights = freshWeights();
    const seen: Float32Array[] = [];
    feedbackByBlock(
      weights,
      factor,
      {
        blockColumns: 80,
        approximate(block) {
          seen.push(block.values.slice());
          block.values.forEach((value, i) => {
            block.values[i] = Math.sign(value);
          });
        },
      },
      backend,
    );
    expect(seen.map((block) => block.length / ROWS)).toEqual([80, 80, 40]);
    // W[:, later] −= (W − Q)/U_jj · U in f64, block after block.
    const expected = Float64Array.from(layer.weights.values);
    for (let begin = 0, b = 0; begin < COLUMNS; begin += 80, b++) {
      const end = Math.min(begin + 80, COLUMNS);
      for (let row = 0; row < ROWS; row++) {
        for (let j = begin; j < end; j++) {
          const at = row * COLUMNS + j;
          const weight = seen[b]![row * (end - begin) + j - begin]!;
          expect(Math.abs(weight - expected[at]!)).toBeLessThan(1e-4);
          expect(weights.values[at]).toBe(Math.sign(weight));
          const error = (weight - Math.sign(weight)) / factor[j * (COLUMNS + 1)]!;
          for (let k = end; k < COLUMNS; k++) expected[row * COLUMNS + k]! -= error * factor[j * COLUMNS + k]!;
        }
      }
    }
  });
});
