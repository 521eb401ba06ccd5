import {
  allocateErrorStatistics,
  allocateOutlierTiles,
  allocateRowStatistics,
  type KernelBackend,
  type OpName,
} from "@lowbit/core/backend";
import type { ErrorCode } from "@lowbit/core/errors";
import { type Matrix, rowMajor } from "@lowbit/core/tensor";
import {
  type AffineLayout,
  allocateTerm,
  type CodebookLayout,
  type DenseLayout,
  type SignLayout,
  type SparseLayout,
  type TermLayout,
  type TernaryLayout,
} from "@lowbit/core/terms";
import { expect, it } from "vitest";
import { ATTENTION_MISTAKES } from "./attention-mistakes.js";
import { FEEDBACK_MISTAKES } from "./feedback-mistakes.js";
import { LAYER_MISTAKES } from "./layer-mistakes.js";
import {
  COLUMNS,
  decodeMistakes,
  f32,
  fitMistakes,
  floatActivations,
  int8Activations,
  mistake,
  multiplyInt8Mistakes,
  multiplyMistakes,
  type OperandMistake,
  ROWS,
  rightBlock,
  shortArrays,
  shortFigures,
  wrongBlocks,
} from "./operand-mistakes.js";

const SHAPE = { rows: ROWS, columns: COLUMNS } as const;
const TILES = { tileRows: 2, tileColumns: 16 } as const;
const GROUPS = { granularity: "group", groupSize: 16, scaleDtype: "F16" } as const;

const HALF_QUADRATIC = { iterations: 2, beta: 10, kappa: 1.01, norm: 0.7 } as const;

const AFFINE: AffineLayout = { kind: "affine", ...SHAPE, ...GROUPS, bits: 4, zero: "float" };
const SIGN: SignLayout = { kind: "sign", ...SHAPE, ...GROUPS, zones: 1, hasMean: false, hasColumnScale: false };
const TERNARY: TernaryLayout = { kind: "ternary", ...SHAPE, ...GROUPS, packing: "two-bit" };
const CODEBOOK: CodebookLayout = { kind: "codebook", ...SHAPE, ...GROUPS, bits: 2, codebook: "test" };
const SPARSE: SparseLayout = { kind: "sparse", ...SHAPE, count: 0, indexDtype: "U16", valueDtype: "F16" };
const DENSE: DenseLayout = { kind: "dense", ...SHAPE, valueDtype: "F16" };

/** Changes to a, b or c of a product of 2 × 4 over 3 that is right without them. */
function matmulMistakes(
  code: ErrorCode,
  changes: Readonly<Record<string, readonly [a: Partial<Matrix>, b: Partial<Matrix>, c: Partial<Matrix>]>>,
): OperandMistake[] {
  return Object.entries(changes).map(([what, [a, b, c]]) =>
    mistake(code, what, (backend) =>
      backend.matmul(
        { ...rowMajor(f32(6), 2, 3), ...a },
        { ...rowMajor(f32(12), 4, 3), ...b },
        { ...rowMajor(f32(8), 2, 4), ...c },
      ),
    ),
  );
}

/** One line per op: a kernel that is handed too little memory must never run. */
const WRONG_SIZES: Readonly<Record<OpName, readonly OperandMistake[]>> = {
  decodeFloats: [
    mistake("backend/operand-size", "a byte too few", (b) =>
      b.decodeFloats("F16", new Uint8Array(7), new Float32Array(4)),
    ),
    mistake("backend/operand-size", "half a byte too few", (b) =>
      b.decodeFloats("F4", new Uint8Array(2), new Float32Array(5)),
    ),
  ],
  encodeFloats: [
    mistake("backend/operand-size", "a byte too few", (b) =>
      b.encodeFloats("BF16", new Float32Array(4), new Uint8Array(7)),
    ),
    mistake("backend/operand-size", "half a byte too few", (b) =>
      b.encodeFloats("F4", new Float32Array(5), new Uint8Array(2)),
    ),
  ],

  rowStatistics: [
    ...wrongBlocks((b, block) => b.rowStatistics(block, allocateRowStatistics(ROWS))),
    ...shortFigures(allocateRowStatistics(ROWS), (b, target) => b.rowStatistics(rightBlock(), target)),
  ],
  errorStatistics: [
    ...wrongBlocks((b, block) => b.errorStatistics(block, block.values, allocateErrorStatistics(ROWS))),
    ...shortFigures(allocateErrorStatistics(ROWS), (b, target) =>
      b.errorStatistics(rightBlock(), rightBlock().values, target),
    ),
    mistake("backend/operand-size", "an approximation of fewer weights", (b) =>
      b.errorStatistics(rightBlock(), new Float32Array(ROWS * COLUMNS - 1), allocateErrorStatistics(ROWS)),
    ),
  ],
  decodedErrors: ([AFFINE, SIGN, TERNARY, CODEBOOK, DENSE] satisfies TermLayout[]).flatMap((layout) => [
    ...wrongBlocks((b, block) =>
      b.decodedErrors(block, [allocateTerm(layout)], f32(ROWS * COLUMNS), allocateErrorStatistics(ROWS)),
    ),
    ...shortFigures(allocateErrorStatistics(ROWS), (b, target) =>
      b.decodedErrors(rightBlock(), [allocateTerm(layout)], f32(ROWS * COLUMNS), target),
    ),
    ...shortArrays(layout, (b, term) =>
      b.decodedErrors(rightBlock(), [term], f32(ROWS * COLUMNS), allocateErrorStatistics(ROWS)),
    ),
    ...[1, 2].map((terms) =>
      mistake("terms/target-size", `an approximation of fewer weights for ${terms} ${layout.kind} terms`, (b) =>
        b.decodedErrors(
          rightBlock(),
          Array.from({ length: terms }, () => allocateTerm<TermLayout>(layout)),
          f32(ROWS * COLUMNS - 1),
          allocateErrorStatistics(ROWS),
        ),
      ),
    ),
  ]),
  outlierTiles: [
    ...wrongBlocks((b, block) => b.outlierTiles(block, TILES, 1, allocateOutlierTiles(ROWS, COLUMNS, TILES))),
    ...shortFigures(allocateOutlierTiles(ROWS, COLUMNS, TILES), (b, target) =>
      b.outlierTiles(rightBlock(), TILES, 1, target),
    ),
    ...[0, -1, 1.5, Number.NaN].flatMap((size) =>
      [
        { tileRows: size, tileColumns: 1 },
        { tileRows: 1, tileColumns: size },
      ].map((grid) =>
        mistake("backend/tile-size", `tiles of ${grid.tileRows} × ${grid.tileColumns}`, (b) =>
          b.outlierTiles(rightBlock(), grid, 1, allocateOutlierTiles(ROWS, COLUMNS, TILES)),
        ),
      ),
    ),
  ],
  histogram16: [
    mistake("backend/operand-size", "fewer counts", (b) => b.histogram16(new Uint8Array(8), new Uint32Array(65_535))),
  ],
  histogramFloats: [
    mistake("backend/operand-size", "fewer counts", (b) =>
      b.histogramFloats(new Float32Array(8), new Uint32Array(65_535)),
    ),
  ],
  absColumnSums: [
    ...wrongBlocks((b, block) => b.absColumnSums(block, new Float64Array(block.rows), new Float64Array(block.columns))),
    mistake("backend/operand-size", "fewer row weights", (b) =>
      b.absColumnSums(rightBlock(), new Float64Array(ROWS - 1), new Float64Array(COLUMNS)),
    ),
    mistake("backend/operand-size", "fewer sums", (b) =>
      b.absColumnSums(rightBlock(), new Float64Array(ROWS), new Float64Array(COLUMNS - 1)),
    ),
  ],
  absRowSums: [
    ...wrongBlocks((b, block) => b.absRowSums(block, new Float64Array(block.columns), new Float64Array(block.rows))),
    mistake("backend/operand-size", "fewer column weights", (b) =>
      b.absRowSums(rightBlock(), new Float64Array(COLUMNS - 1), new Float64Array(ROWS)),
    ),
    mistake("backend/operand-size", "fewer sums", (b) =>
      b.absRowSums(rightBlock(), new Float64Array(COLUMNS), new Float64Array(ROWS - 1)),
    ),
  ],
  walshHadamard: wrongBlocks((b, block) => b.walshHadamard(block, 1)),

  affineFit: [
    ...fitMistakes(AFFINE, (b, block, term) => b.affineFit(block, term, { includeZero: false })),
    ...[
      { steps: 0, exponent: 2 },
      { steps: 101, exponent: 2 },
      { steps: 1.5, exponent: 2 },
      { steps: 10, exponent: 4.5 },
      { steps: 10, exponent: Number.NaN },
    ].map((shrink) =>
      mistake("backend/fit-option", `${shrink.steps} steps with exponent ${shrink.exponent}`, (b) =>
        b.affineFit(rightBlock(), allocateTerm(AFFINE), { includeZero: false, shrink }),
      ),
    ),
  ],
  blockEncode: [
    ...wrongBlocks((b, block) => b.blockEncode(block, "Q4_0", new Uint8Array(18))),
    mistake("backend/operand-size", "a byte too few", (b) =>
      b.blockEncode({ rows: 2, columns: 64, values: f32(128) }, "Q8_0", new Uint8Array(4 * 34 - 1)),
    ),
    mistake("backend/operand-size", "rows that are no whole blocks", (b) =>
      b.blockEncode({ rows: 2, columns: 48, values: f32(96) }, "Q8_0", new Uint8Array(3 * 34)),
    ),
    mistake("backend/unsupported-layout", "a type that is only read", (b) =>
      b.blockEncode({ rows: 1, columns: 256, values: f32(256) }, "IQ1_S", new Uint8Array(50)),
    ),
  ],
  blockFit: [
    ...wrongBlocks((b, block) => b.blockFit(block, "IQ4_NL", new Uint8Array(18))),
    mistake("backend/operand-size", "a byte too few", (b) =>
      b.blockFit({ rows: 1, columns: 256, values: f32(256) }, "Q4_K", new Uint8Array(143)),
    ),
    mistake("backend/operand-size", "rows that are no whole blocks", (b) =>
      b.blockFit({ rows: 2, columns: 384, values: f32(768) }, "Q6_K", new Uint8Array(3 * 210)),
    ),
    mistake("backend/operand-size", "the importance of fewer columns", (b) =>
      b.blockFit({ rows: 2, columns: 256, values: f32(512) }, "Q3_K", new Uint8Array(220), f32(255)),
    ),
  ],
  affineEncode: fitMistakes(AFFINE, (b, block, term) => b.affineEncode(block, term)),
  affineHalfQuadraticFit: [
    ...fitMistakes(AFFINE, (b, block, term) => b.affineHalfQuadraticFit(block, term, HALF_QUADRATIC)),
    ...[-1, 101, 0.5, Number.NaN].map((iterations) =>
      mistake("backend/fit-option", `${iterations} iterations`, (b) =>
        b.affineHalfQuadraticFit(rightBlock(), allocateTerm(AFFINE), { ...HALF_QUADRATIC, iterations }),
      ),
    ),
  ],
  signFit: fitMistakes(SIGN, (b, block, term) => b.signFit(block, term)),
  signEncode: fitMistakes(SIGN, (b, block, term) => b.signEncode(block, term)),
  signAlternatingFit: [
    ...fitMistakes({ ...SIGN, hasMean: true }, (b, block, term) => b.signAlternatingFit(block, [term], 1)),
    ...shortArrays(SIGN, (b, term) =>
      b.signAlternatingFit(rightBlock(), [allocateTerm({ ...SIGN, hasMean: true }), term], 1),
    ),
  ],
  binaryCodingFit: [
    ...fitMistakes(SIGN, (b, block, term) => b.binaryCodingFit(block, [term], 1)),
    ...shortArrays(SIGN, (b, term) => b.binaryCodingFit(rightBlock(), [allocateTerm(SIGN), term], 1)),
  ],
  ternaryFit: fitMistakes(TERNARY, (b, block, term) => b.ternaryFit(block, term, "twn")),
  ternaryEncode: fitMistakes(TERNARY, (b, block, term) => b.ternaryEncode(block, term)),
  codebookFit: fitMistakes(CODEBOOK, (b, block, term) => b.codebookFit(block, term)),
  codebookEncode: fitMistakes(CODEBOOK, (b, block, term) => b.codebookEncode(block, term)),

  affineDecode: decodeMistakes(AFFINE, (b, term, target) => b.affineDecode(term, target)),
  signDecode: decodeMistakes(SIGN, (b, term, target) => b.signDecode(term, target)),
  ternaryDecode: decodeMistakes(TERNARY, (b, term, target) => b.ternaryDecode(term, target)),
  codebookDecode: decodeMistakes(CODEBOOK, (b, term, target) => b.codebookDecode(term, target)),
  sparseDecode: [
    ...decodeMistakes(SPARSE, (b, term, target) => b.sparseDecode(term, target)),
    ...shortArrays({ ...SPARSE, count: 1 }, (b, term) => b.sparseDecode(term, f32(ROWS * COLUMNS))),
  ],
  denseDecode: decodeMistakes(DENSE, (b, term, target) => b.denseDecode(term, target)),

  affineMultiply: multiplyMistakes(AFFINE, (b, term, x, y) => b.affineMultiply(term, x, y)),
  signMultiply: multiplyMistakes(SIGN, (b, term, x, y) => b.signMultiply(term, x, y)),
  ternaryMultiply: multiplyMistakes(TERNARY, (b, term, x, y) => b.ternaryMultiply(term, x, y)),
  codebookMultiply: multiplyMistakes(CODEBOOK, (b, term, x, y) => b.codebookMultiply(term, x, y)),
  sparseMultiply: [
    ...multiplyMistakes(SPARSE, (b, term, x, y) => b.sparseMultiply(term, x, y)),
    ...shortArrays({ ...SPARSE, count: 1 }, (b, term) =>
      b.sparseMultiply(term, floatActivations(1, COLUMNS), f32(ROWS)),
    ),
  ],
  denseMultiply: multiplyMistakes(DENSE, (b, term, x, y) => b.denseMultiply(term, x, y)),
  affineMultiplyInt8: multiplyInt8Mistakes(AFFINE, (b, term, x, y) => b.affineMultiplyInt8(term, x, y)),
  signMultiplyInt8: multiplyInt8Mistakes(SIGN, (b, term, x, y) => b.signMultiplyInt8(term, x, y)),
  ternaryMultiplyInt8: multiplyInt8Mistakes(TERNARY, (b, term, x, y) => b.ternaryMultiplyInt8(term, x, y)),
  quantizeActivations: [
    mistake("backend/operand-size", "fewer activations", (b) =>
      b.quantizeActivations(floatActivations(2, 5, 9), int8Activations(2, 5)),
    ),
    mistake("backend/operand-size", "fewer codes", (b) =>
      b.quantizeActivations(floatActivations(2, 5), int8Activations(2, 5, 9)),
    ),
    mistake("backend/operand-size", "fewer scales", (b) =>
      b.quantizeActivations(floatActivations(2, 5), int8Activations(2, 5, 10, 1)),
    ),
    mistake("backend/operand-size", "a target of fewer tokens", (b) =>
      b.quantizeActivations(floatActivations(2, 5), int8Activations(1, 5)),
    ),
    mistake("backend/operand-size", "a target of other columns", (b) =>
      b.quantizeActivations(floatActivations(2, 5), int8Activations(2, 4)),
    ),
    ...[0, -7, 128, 6.5, Number.NaN].map((largest) =>
      mistake("backend/activation-range", `${largest} as largest code`, (b) =>
        b.quantizeActivations(floatActivations(2, 5), int8Activations(2, 5), largest),
      ),
    ),
  ],
  matmul: [
    ...matmulMistakes("backend/operand-size", {
      "fewer in a": [{ values: f32(5) }, {}, {}],
      "fewer in b": [{}, { values: f32(11) }, {}],
      "fewer in c": [{}, {}, { values: f32(7) }],
      "other columns in b": [{}, { columns: 2 }, {}],
      "other rows in c": [{}, {}, { rows: 1 }],
      "other columns in c": [{}, {}, { columns: 3 }],
      "a row stride that leads out of a": [{ rowStride: 4 }, {}, {}],
      "a column stride that leads out of b": [{}, { columnStride: 2 }, {}],
    }),
    ...matmulMistakes("backend/matrix-stride", {
      "a negative row stride": [{ rowStride: -3 }, {}, {}],
      "a fractional column stride": [{}, { columnStride: 0.5 }, {}],
      "a stride that is no number": [{}, {}, { rowStride: Number.NaN }],
      "a stride beyond int32": [{}, {}, { rowStride: 2 ** 31 }],
      "negative sizes": [{ rows: -1 }, {}, { rows: -1 }],
      "a product whose rows lie on each other": [{}, {}, { rowStride: 3 }],
      "a product in one place": [{}, {}, { rowStride: 0, columnStride: 0 }],
    }),
  ],
  inverseFactor: (
    [
      [2, 3, 4],
      [2, 4, 3],
      [2, 4, 5],
      [-2, 4, 4],
      [1.5, 2, 2],
      [Number.NaN, 1, 1],
    ] as const
  ).map(([size, length, targetLength]) =>
    mistake("backend/operand-size", `${length} and ${targetLength} elements for a size of ${size}`, (b) =>
      b.inverseFactor(new Float64Array(length), size, f32(targetLength)),
    ),
  ),
  ...LAYER_MISTAKES,
  ...ATTENTION_MISTAKES,
  ...FEEDBACK_MISTAKES,
  readBandwidth: [mistake("backend/operand-size", "no whole row", (b) => b.readBandwidth(new Uint8Array(4095)))],
};

/** Cases for what is refused before a kernel runs. */
export function wrongSizeCases(op: OpName, subject: () => KernelBackend): void {
  it.each(WRONG_SIZES[op])("refuses $what: $code", ({ code, call }) => {
    expect(() => call(subject())).toThrow(expect.objectContaining({ code }));
  });
}
