import { readScales, writeScales } from "../../terms/scale-array.js";
import type { ScaleDtype, Term, TermLayout } from "../../terms/term.js";
import { allocateTerm, termArray, termArrays } from "../../terms/term-arrays.js";

/** Arrays that a factor of the whole term multiplies. */
const SCALED = ["scale", "minimum", "mean", "values"];

/** The layout of `scaledTerm`: the product of a scale and a factor has more digits than half precision. */
export function scaledLayout(layout: TermLayout): TermLayout {
  return "scaleDtype" in layout ? { ...layout, scaleDtype: "F32" } : layout;
}

/** A term of `factor` times the weights of another one. */
export function scaledTerm(term: Term, factor: number): Term {
  const scaled = allocateTerm(scaledLayout(term.layout));
  for (const spec of termArrays(term.layout)) {
    const from = termArray(term, spec.name);
    const to = termArray(scaled, spec.name);
    if (spec.name === "table" || !isScaleDtype(spec.dtype)) to.set(from);
    else {
      const by = SCALED.includes(spec.name) ? factor : 1;
      writeScales(
        readScales(from, spec.dtype).map((value) => value * by),
        "F32",
        to,
      );
    }
  }
  return scaled;
}

function isScaleDtype(dtype: string): dtype is ScaleDtype {
  return dtype === "F16" || dtype === "BF16" || dtype === "F32";
}
