import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { checkTerm } from "../../terms/check-term.js";
import { decodeTerms } from "../../terms/decode-terms.js";
import { termKind } from "../../terms/term-kinds.js";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { alternatingBinaryFit } from "./alternating-binary-fit.js";
import { type BinaryForm, BinaryLayer, binaryLayouts } from "./binary-layer.js";
import { takePart, writeApproximation } from "./block-part.js";
import { rowColumnBinaryFit } from "./row-column-binary-fit.js";

const backend = createReferenceBackend();

interface Case {
  readonly name: string;
  readonly zones: number;
  readonly salientZones: number;
  readonly isPruned: boolean;
  readonly rc: boolean;
  /** Salient columns of every block of 8, by their places. */
  readonly salient: readonly (readonly number[])[];
}

const NONE = { zones: 2, salientZones: 1, isPruned: false, rc: false };
const CASES: readonly Case[] = [
  { ...NONE, name: "two zones", salient: [[1, 5], [0], [3]] },
  { ...NONE, name: "blocks without salient columns", salient: [[], [0, 1, 2], []] },
  { ...NONE, name: "no salient columns", salient: [[], [], []] },
  {
    ...NONE,
    name: "all columns salient",
    salient: [
      [0, 1, 2, 3, 4, 5, 6, 7],
      [0, 1, 2, 3, 4, 5, 6, 7],
      [0, 1, 2, 3],
    ],
  },
  { ...NONE, name: "zones for both kinds", salientZones: 2, salient: [[2], [7], [0, 1]] },
  { ...NONE, name: "column scales", salientZones: 2, rc: true, salient: [[2], [], [0, 1]] },
  { ...NONE, name: "pruned weights", isPruned: true, salient: [[2], [6, 7], [0, 1]] },
  { ...NONE, name: "pruned weights beside three zones", zones: 3, isPruned: true, salient: [[2], [6, 7], []] },
];

/** A layer of 5 × 20 in blocks of 8, with any zones. */
function makeLayer({ zones, salientZones, isPruned, rc, salient }: Case): {
  layer: BinaryLayer;
  wanted: Float32Array;
  form: BinaryForm;
} {
  const [rows, columns, blockColumns] = [5, 20, 8];
  const part = { hasMean: !rc, hasColumnScale: rc };
  const form: BinaryForm = {
    blockColumns,
    rest: { ...part, order: 1, zones },
    salient: { ...part, order: 2, zones: salientZones },
    isPruned,
    scaleDtype: "F16",
  };
  const layer = new BinaryLayer({ rows, columns }, form);
  const wanted = new Float32Array(rows * columns);
  salient.forEach((places, b) => {
    const width = Math.min(blockColumns, columns - b * blockColumns);
    const block = { rows, columns: width, values: normalWeights(rows * width, 7 + b) };
    const kept = isPruned ? Uint8Array.from(block.values, (w) => (w > 0.8 ? 0 : 1)) : undefined;
    const rest = [...new Array(width).keys()].filter((i) => !places.includes(i));
    for (const kind of ["rest", "salient"] as const) {
      const zoned = kind === "rest" ? zones : salientZones;
      const taken = takePart(block, Uint32Array.from(kind === "rest" ? rest : places), kind === "rest" ? 1 : 2, kept);
      const zoneOf = taken.zoneOf.map((zone, at) => (zone === 1 ? zoned : at % zoned));
      const fitted = { ...taken, zones: zoned, zoneOf };
      const fit = rc ? rowColumnBinaryFit(fitted, 3, "F16") : alternatingBinaryFit(fitted, true, 3, "F16");
      writeApproximation(fitted, fit, block);
      layer.add(kind, b * blockColumns, fitted, fit);
    }
    for (let row = 0; row < rows; row++) {
      wanted.set(block.values.subarray(row * width, (row + 1) * width), row * columns + b * blockColumns);
    }
  });
  return { layer, wanted, form };
}

describe("BinaryLayer", () => {
  it.each(CASES)("stores what the fits stand for: $name", (options) => {
    const { layer, wanted, form } = makeLayer(options);
    const terms = layer.terms();
    for (const term of terms) {
      termKind(term.layout).validate(term.layout);
      checkTerm(term);
    }
    const decoded = new Float32Array(wanted.length);
    decodeTerms(terms, decoded, backend);
    expect(decoded).toEqual(wanted);
    expect(terms.map((term) => term.layout)).toEqual(
      binaryLayouts({ rows: 5, columns: 20 }, form, options.salient.flat().length),
    );
  });
});
