import { DTYPES, type Dtype } from "../dtype/dtype-table.js";

/** Spellings that other readers accept beside the names of the format. Writers always use the name of the format. */
export const DTYPE_ALIASES: Readonly<Record<string, Dtype>> = {
  E8M0: "F8_E8M0",
  UE8: "F8_E8M0",
  F8_E8M0FNU: "F8_E8M0",
  FP4: "F4",
  F8_E4M3FN: "F8_E4M3",
};

const BY_SPELLING: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ...(Object.keys(DTYPES) as Dtype[]).map((dtype) => [dtype, dtype] as const),
  ...Object.entries(DTYPE_ALIASES),
]);

/** The dtype that `spelling` means, or undefined. Case counts, as in every other reader. */
export function dtypeOfSpelling(spelling: string): Dtype | undefined {
  return BY_SPELLING.get(spelling);
}
