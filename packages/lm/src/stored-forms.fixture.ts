import {
  allocateTerm,
  type BilevelLayout,
  type MaskedLayout,
  type SignLayout,
  type Term,
  writeScales,
  writeU16,
  writeU32,
} from "@lowbit/core/terms";

/** Terms of every kind that no op takes as it is stored; together they are near the weights. */
export function storedTerms(values: Float32Array, rows: number, columns: number): readonly Term[] {
  const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  const marked = Array.from(values.keys()).filter((place) => Math.abs(values[place]!) > 2.5 * mean);
  const terms: readonly unknown[] = [
    bilevelTerm(values, rows, columns),
    maskedTerm(marked, rows, columns, "bitmap", mean),
    maskedTerm(marked.slice(1), rows, columns, "indices", -mean),
    coveredTerm(rows, columns, mean),
    zeroOneTerm(rows, columns, mean),
  ];
  return terms as readonly Term[];
}

/** Bytes without a pattern that a group or zone could hide. */
function fillBytes(bytes: Uint8Array): void {
  let state = 77;
  for (let i = 0; i < bytes.length; i++) {
    state = (state * 48271) % 2147483647; // Park–Miller
    bytes[i] = state & 255;
  }
}

/** 4-bit codes of the weights on grids from −4 to 4 mean magnitudes, a little different from block to block. */
function bilevelTerm(values: Float32Array, rows: number, columns: number): Term<BilevelLayout> {
  const term = allocateTerm<BilevelLayout>({
    kind: "bilevel",
    rows,
    columns,
    bits: 4,
    groupSize: 16,
    scaleBits: 3,
    zeroBits: 3,
    rowsPerBlock: 16,
    scaleDtype: "F16",
  });
  const { arrays } = term;
  const step = (values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length) * 0.6;
  fillBytes(arrays.scaleCodes);
  fillBytes(arrays.zeroCodes);
  const grids = arrays.scaleScale.byteLength / 2;
  const grid = (array: Uint8Array, value: number) =>
    writeScales(
      Float32Array.from({ length: grids }, (_, i) => value * (1 + ((i % 5) - 2) / 400)),
      "F16",
      array,
    );
  grid(arrays.scaleScale, step / 70);
  grid(arrays.scaleMinimum, step * 0.95);
  grid(arrays.zeroScale, 0.03);
  grid(arrays.zeroMinimum, 7.4);
  const rowBytes = columns / 2;
  for (let place = 0; place < values.length; place++) {
    const code = Math.max(0, Math.min(15, Math.round(values[place]! / step + 7.5)));
    const [row, column] = [Math.floor(place / columns), place % columns];
    arrays.codes[row * rowBytes + (column >> 1)]! |= code << (4 * (column & 1));
  }
  return term;
}

function maskedTerm(
  marked: readonly number[],
  rows: number,
  columns: number,
  positions: MaskedLayout["positions"],
  size: number,
): Term<MaskedLayout> {
  const term = allocateTerm<MaskedLayout>({
    kind: "masked",
    rows,
    columns,
    count: marked.length,
    bits: 3,
    positions,
    scaleDtype: "BF16",
  });
  const { arrays } = term;
  fillBytes(arrays.codes);
  writeScales(
    Float32Array.from({ length: rows }, (_, row) => (size * (1 + (row % 3))) / 40),
    "BF16",
    arrays.scale,
  );
  writeScales(new Float32Array(rows).fill(-size / 8), "BF16", arrays.minimum);
  if (positions === "bitmap") {
    const rowBytes = Math.ceil(columns / 8);
    for (const place of marked) {
      const column = place % columns;
      arrays.positions![Math.floor(place / columns) * rowBytes + (column >> 3)]! |= 1 << (column & 7);
    }
    return term;
  }
  const starts = new Uint32Array(rows + 1);
  for (const place of marked) starts[Math.floor(place / columns) + 1]!++;
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  writeU32(starts, arrays.rowStarts!);
  writeU16(
    marked.map((place) => place % columns),
    arrays.columnIndices!,
  );
  return term;
}

/** Every third column, two zones, a mean. */
function coveredTerm(rows: number, columns: number, size: number): Term<SignLayout> {
  const covered = Array.from({ length: Math.ceil(columns / 3) }, (_, i) => 3 * i);
  const term = allocateTerm<SignLayout>({
    kind: "sign",
    rows,
    columns,
    coveredColumns: covered.length,
    granularity: "group",
    groupSize: 20,
    zones: 2,
    hasMean: true,
    hasColumnScale: false,
    scaleDtype: "F16",
  });
  const { arrays } = term;
  fillBytes(arrays.signs);
  fillBytes(arrays.zoneMap!);
  writeU32(covered, arrays.columns!);
  const count = arrays.scale.byteLength / 2;
  writeScales(
    Float32Array.from({ length: count }, (_, i) => (size * (1 + (i % 4))) / 30),
    "F16",
    arrays.scale,
  );
  writeScales(
    Float32Array.from({ length: count }, (_, i) => (size * ((i % 3) - 1)) / 50),
    "F16",
    arrays.mean!,
  );
  return term;
}

function zeroOneTerm(rows: number, columns: number, size: number): Term<SignLayout> {
  const term = allocateTerm<SignLayout>({
    kind: "sign",
    rows,
    columns,
    granularity: "row",
    groupSize: columns,
    zones: 1,
    isZeroOne: true,
    hasMean: false,
    hasColumnScale: false,
    scaleDtype: "F16",
  });
  fillBytes(term.arrays.signs);
  writeScales(
    Float32Array.from({ length: rows }, (_, row) => (size * ((row % 5) - 2)) / 20),
    "F16",
    term.arrays.scale,
  );
  return term;
}
