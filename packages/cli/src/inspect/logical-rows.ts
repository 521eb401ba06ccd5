import { type LogicalWeight, recogniseWeights, storageName } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { TermLayout } from "@lowbit/core/terms";
import type { LogicalRow } from "./logical-row.js";

/** The weights of a checkpoint as its user knows them: a quantized weight is one row, whatever tensors hold it. */
export function logicalRows(checkpoint: Checkpoint): LogicalRow[] {
  return recogniseWeights(checkpoint).map((weight) => ({
    name: weight.name,
    storage: describeStorage(weight),
    shape: weight.shape,
    parameters: weight.shape.reduce((product, size) => product * size, 1),
    bytes: weight.byteLength,
    shard: weight.tensors[0]!.shard,
    ...(weight.kind === "quantized" && weight.notes && { notes: weight.notes }),
  }));
}

function describeStorage(weight: LogicalWeight): string {
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

function describeTerm(layout: TermLayout): string {
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
