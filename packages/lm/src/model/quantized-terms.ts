import type { StoredQuantizedWeight, TermReader } from "@lowbit/core/layouts";
import {
  arrayByteLength,
  type InputTransform,
  placedByteLength,
  placeTerm,
  readU32,
  runnableLayout,
  runnableTerm,
  type ScaleDtype,
  type Term,
  type TermArraySpec,
  type TermLayout,
  termArrays,
  termByteLength,
  transformArrays,
  writeU32,
} from "@lowbit/core/terms";
import { countNotFinite } from "./count-not-finite.js";
import type { PartMemory } from "./part-memory.js";
import { refuseNotFinite } from "./plain-weight.js";
import { eachSpan, READ_BYTES, type WeightFill } from "./weight-fill.js";

type Arrays = Record<string, Uint8Array>;

/**
 * The terms and transforms of a quantized weight, packed as in the file; forms that no op takes (bilevel, masked, signs of
 * some columns) as the plain ones that run in their place.
 */
export interface PackedWeight {
  readonly terms: readonly Term[];
  readonly inputTransforms: readonly InputTransform[];
  readonly fill: WeightFill;
}

export function packedWeight(weight: StoredQuantizedWeight, memory: PartMemory): PackedWeight {
  const terms = weight.terms.map((layout) => placedTerm(runnableLayout(layout), memory));
  const inputTransforms = weight.transforms.map((layout): InputTransform => {
    const spans = transformArrays(layout).map((spec) => ({ spec, span: memory.reserve(arrayByteLength(spec)) }));
    return {
      layout,
      get arrays() {
        return Object.fromEntries(spans.map(({ spec, span }) => [spec.name, span.bytes()]));
      },
    };
  });
  return { terms, inputTransforms, fill: () => fill(weight, terms, inputTransforms) };
}

function placedTerm(layout: TermLayout, memory: PartMemory): Term {
  const span = memory.reserve(placedByteLength(layout));
  let placed: { readonly bytes: Uint8Array; readonly term: Term } | undefined;
  return {
    layout,
    get arrays() {
      const bytes = span.bytes();
      if (placed?.bytes !== bytes) placed = { bytes, term: placeTerm(layout, bytes) };
      return placed.term.arrays;
    },
  };
}

async function fill(
  weight: StoredQuantizedWeight,
  terms: readonly Term[],
  inputTransforms: readonly InputTransform[],
): Promise<void> {
  const reader = await weight.open();
  reader.transforms.forEach(({ layout, arrays }, i) => {
    for (const { name, dtype } of transformArrays(layout)) {
      refuseNotFinite(weight.name, notFinite(dtype, arrays[name]!));
      inputTransforms[i]!.arrays[name]!.set(arrays[name]!);
    }
  });
  const { rows } = terms[0]!.layout;
  const loadedBytes = terms.reduce((sum, { layout }) => sum + termByteLength(layout), 0);
  const rowBytes = Math.max(1, weight.byteLength / rows, loadedBytes / rows);
  const filled = terms.map(() => 0);
  await eachSpan(rows, Math.max(1, Math.floor(READ_BYTES / rowBytes)), (begin, end) =>
    fillRows(weight.name, reader, terms, filled, begin, end),
  );
}

/** `filled[i]`: entries of a sparse term that stand before row `begin`. */
async function fillRows(
  name: string,
  reader: TermReader,
  terms: readonly Term[],
  filled: number[],
  begin: number,
  end: number,
): Promise<void> {
  const pieces = await reader.rows(begin, end);
  pieces.forEach((stored, i) => {
    const piece = runnableTerm(stored);
    const target = terms[i]!;
    const from = piece.arrays as unknown as Arrays;
    const to = target.arrays as unknown as Arrays;
    for (const spec of termArrays(piece.layout)) refuseNotFinite(name, notFinite(spec.dtype, from[spec.name]!));
    if (piece.layout.kind === "sparse") {
      fillSparse(from, to, begin, piece.layout.rows, filled[i]!);
      filled[i]! += piece.layout.count;
      return;
    }
    for (const spec of termArrays(target.layout)) {
      const offset = spec.perRow ? (to[spec.name]!.byteLength / target.layout.rows) * begin : 0;
      to[spec.name]!.set(from[spec.name]!, offset);
    }
  });
}

function fillSparse(from: Arrays, to: Arrays, begin: number, rows: number, before: number): void {
  const starts = readU32(from["rowStarts"]!).map((start) => start + before);
  writeU32(starts, to["rowStarts"]!.subarray(4 * begin, 4 * (begin + rows + 1)));
  const count = starts.at(-1)! - before;
  for (const array of ["columnIndices", "values"]) {
    const bytes = from[array]!;
    to[array]!.set(bytes, count === 0 ? 0 : (bytes.byteLength / count) * before);
  }
}

function notFinite(dtype: TermArraySpec["dtype"], bytes: Uint8Array): number {
  return dtype === "F16" || dtype === "BF16" || dtype === "F32" ? countNotFinite(dtype as ScaleDtype, bytes) : 0;
}
