import type { TermLayout } from "../terms/term.js";
import type { LogicalWeight } from "./logical-weight.js";
import { storageName } from "./storage-name.js";

/** How a weight is stored, in a few words: "BF16", "Q4_K", "rtn: affine 4-bit g32", "gptq: affine 4-bit g128". */
export function describeStorage(weight: LogicalWeight): string {
  const name = storageName(weight);
  if (weight.kind === "plain" || weight.layout === "gguf") return name;
  const kinds = weight.terms.map(describeTerm);
  const [first] = kinds;
  const terms =
    kinds.every((kind) => kind === first) && kinds.length > 1 ? `${kinds.length} × ${first}` : kinds.join(" + ");
  const transforms = weight.transforms.map(({ kind }) => kind).join(", ");
  const storage = transforms === "" ? terms : `${terms} after ${transforms}`;
  if (weight.provenance) return `${weight.provenance.method}: ${storage}`;
  return weight.layout === "lowbit" ? storage : `${name}: ${storage}`;
}

/** One term: "affine 4-bit g128", "nf4 4-bit per row". */
export function describeTerm(layout: TermLayout): string {
  switch (layout.kind) {
    case "affine":
      return `affine ${layout.bits}-bit ${describeGroup(layout)}`;
    case "bilevel":
      return `bilevel ${layout.bits}-bit g${layout.groupSize}`;
    case "codebook":
      return `${layout.codebook} ${layout.bits}-bit ${describeGroup(layout)}`;
    case "sign":
      return describeSign(layout);
    case "ternary":
      return `ternary ${layout.packing} ${describeGroup(layout)}`;
    case "sparse":
      return `sparse ${layout.count}`;
    case "masked":
      return `masked ${layout.bits}-bit ${layout.count}`;
    case "dense":
      return `dense ${layout.valueDtype}`;
  }
}

function describeSign(layout: Extract<TermLayout, { readonly kind: "sign" }>): string {
  const codes = layout.isZeroOne ? "zero-one" : "sign";
  const shared = layout.hasColumnScale ? "row×column" : describeGroup(layout);
  const zones = layout.zones > 1 ? ` ${layout.zones} zones` : "";
  const covered = layout.coveredColumns === undefined ? "" : ` on ${layout.coveredColumns} columns`;
  return `${codes} ${shared}${zones}${covered}`;
}

function describeGroup(layout: {
  readonly granularity: "group" | "row" | "tensor";
  readonly groupSize: number;
}): string {
  return layout.granularity === "group" ? `g${layout.groupSize}` : `per ${layout.granularity}`;
}
