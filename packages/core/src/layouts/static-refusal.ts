import { tensorByteLength } from "../safetensors/header-coverage.js";
import { type TransformLayout, transformArrays } from "../terms/input-transform.js";
import { writeScales } from "../terms/scale-array.js";
import type { Term, TermLayout } from "../terms/term.js";
import { allocateTerm, termArrays } from "../terms/term-arrays.js";
import type { LayoutRefusal, WholeWeight } from "./layout-writer.js";

/** A weight before it is quantized: what its terms will look like. */
export interface ExpectedWeight extends Pick<WholeWeight, "name" | "shape" | "dtype"> {
  readonly terms: readonly TermLayout[];
  readonly transforms: readonly TransformLayout[];
}

/** Kinds whose fit depends on more than layouts and codes: on a table. */
const UNKNOWN_KINDS: ReadonlySet<string> = new Set(["codebook", "sparse", "masked"]);
/** Bytes of the codes of weights that are tried. */
const FILLS = [0x00, 0x55, 0x88];

/**
 * Why a layout cannot hold a weight whatever its codes will be; undefined where it may. Weights of these layouts with several
 * codes and scales of 1 are offered to `fits`: only what refuses all of them is refused.
 */
export function staticRefusal(
  expected: ExpectedWeight,
  fits: (weight: WholeWeight) => LayoutRefusal | undefined,
): LayoutRefusal | undefined {
  if (expected.terms.some(({ kind }) => UNKNOWN_KINDS.has(kind))) return undefined;
  let refusal: LayoutRefusal | undefined;
  for (const fill of FILLS) {
    refusal = fits(probe(expected, fill));
    if (refusal === undefined) return undefined;
  }
  return refusal;
}

function probe({ name, shape, dtype, terms, transforms }: ExpectedWeight, fill: number): WholeWeight {
  return {
    name,
    shape,
    dtype,
    terms: terms.map((layout) => filledTerm(layout, fill)),
    transforms: transforms.map((layout) => ({
      layout,
      arrays: Object.fromEntries(
        transformArrays(layout).map((spec) => [
          spec.name,
          new Uint8Array(tensorByteLength(spec.dtype, spec.shape) as number),
        ]),
      ),
    })),
  };
}

function filledTerm(layout: TermLayout, fill: number): Term {
  const term = allocateTerm(layout) as Term;
  const arrays = term.arrays as unknown as Readonly<Record<string, Uint8Array>>;
  for (const { name, dtype } of termArrays(layout)) {
    const array = arrays[name]!;
    if (dtype === "U8") array.fill(fill);
    else if (dtype === "F16" || dtype === "BF16" || dtype === "F32") {
      writeScales(new Float32Array(array.byteLength / (dtype === "F32" ? 4 : 2)).fill(1), dtype, array);
    }
  }
  return term;
}
