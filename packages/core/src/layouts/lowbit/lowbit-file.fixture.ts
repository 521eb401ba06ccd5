import { type TensorData, writeSafetensors } from "../../safetensors/write-safetensors.js";
import type { InputTransform } from "../../terms/input-transform.js";
import type { Term } from "../../terms/term.js";
import { termArray } from "../../terms/term-arrays.js";
import type { LowbitWeight } from "./lowbit-weight.js";
import { writeLowbitSchema } from "./write-lowbit-schema.js";

/** A weight with its bytes. */
export interface FilledWeight {
  readonly weight: LowbitWeight;
  readonly terms: readonly Term[];
  readonly transforms: readonly InputTransform[];
}

export const PROVENANCE: LowbitWeight["provenance"] = {
  method: "rtn",
  options: { bits: 4, symmetric: true },
  lowbitVersion: "0.0.0",
};

export function filledWeight(
  name: string,
  terms: readonly Term[],
  transforms: readonly InputTransform[] = [],
): FilledWeight {
  const { rows, columns } = terms[0]!.layout;
  return {
    weight: {
      name,
      shape: [rows, columns],
      dtype: "BF16",
      terms: terms.map(({ layout }) => layout),
      transforms: transforms.map(({ layout }) => layout),
      provenance: PROVENANCE,
    },
    terms,
    transforms,
  };
}

/** A lowbit file in memory. */
export function lowbitFile(filled: readonly FilledWeight[], plain: readonly TensorData[] = []): Uint8Array {
  const { tensors, metadata } = writeLowbitSchema(
    filled.map(({ weight }) => weight),
    plain.map(({ name }) => name),
  );
  const byName = new Map(filled.map((entry) => [entry.weight.name, entry]));
  const data = tensors.map(({ name, dtype, shape, weight, part, index, array }): TensorData => {
    const entry = byName.get(weight)!;
    const bytes = part === "terms" ? termArray(entry.terms[index]!, array) : entry.transforms[index]!.arrays[array]!;
    return { name, dtype, shape, data: bytes };
  });
  return writeSafetensors([...data, ...plain], metadata);
}
