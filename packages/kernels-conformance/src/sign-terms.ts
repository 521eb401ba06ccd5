import type { SignLayout } from "@lowbit/core/terms";
import type { RandomData } from "./random-data.js";
import { randomTerm, type Sharing, type TermCase } from "./term-cases.js";

export interface SignVariant {
  readonly name: string;
  readonly zones: number;
  readonly hasMean: boolean;
  readonly hasColumnScale: boolean;
}

export const SIGN_VARIANTS: readonly SignVariant[] = [
  { name: "plain", zones: 1, hasMean: false, hasColumnScale: false },
  { name: "with mean", zones: 1, hasMean: true, hasColumnScale: false },
  { name: "with column scale", zones: 1, hasMean: false, hasColumnScale: true },
  { name: "with mean and column scale", zones: 1, hasMean: true, hasColumnScale: true },
  { name: "two zones", zones: 2, hasMean: false, hasColumnScale: false },
  { name: "three zones with mean, some beyond the last", zones: 3, hasMean: true, hasColumnScale: false },
  { name: "four zones with mean", zones: 4, hasMean: true, hasColumnScale: false },
  { name: "two zones with column scale", zones: 2, hasMean: true, hasColumnScale: true },
];

export function signTerm(
  variant: SignVariant,
  sharing: Sharing,
  rows: number,
  random: RandomData,
): TermCase<SignLayout> {
  const { name: _, ...features } = variant;
  const scaleDtype = (["F16", "BF16", "F32"] as const)[sharing.columns % 3]!;
  return randomTerm<SignLayout>({ kind: "sign", rows, ...sharing, ...features, scaleDtype }, random, 1);
}
