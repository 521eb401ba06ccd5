import type { OrderCheck } from "./order-checks.js";
import type { OptionValue, Setting } from "./setting.js";

const method = (name: string, id: string, options: Readonly<Record<string, OptionValue>> = {}): Setting => ({
  name,
  method: id,
  options,
});
const target = (bits: number): Setting => ({ name: `target ${bits}`, targetBitsPerWeight: bits });

const G128 = { group: 128 };

/** All groups fitted to the original weights, with a search for their range: the best that gptq has at these bits. */
const FITTED = { staticGroups: true, shrink: 80 };

/** The rows of the quality table: every method at the bits that it is made for, and mixed precision by target. */
export const DEFAULT_SETTINGS: readonly Setting[] = [
  method("rtn 8", "rtn", { bits: 8, ...G128 }),

  method("rtn 4", "rtn", { bits: 4, ...G128 }),
  method("rtn 4 shrink", "rtn", { bits: 4, ...G128, shrink: 80 }),
  method("hqq 4", "hqq", { bits: 4, ...G128 }),
  method("nf4", "nf4"),
  method("fp4", "fp4"),
  method("gptq 4", "gptq", { bits: 4, ...G128, actOrder: false }),
  method("gptq 4 act-order", "gptq", { bits: 4, ...G128, actOrder: true }),
  method("gptq 4 row", "gptq", { bits: 4, group: "row", shrink: 80 }),
  method("gptq 4 fitted", "gptq", { bits: 4, ...G128, ...FITTED }),
  method("awq 4", "awq", { bits: 4, ...G128 }),
  method("gwq 4", "gwq", { bits: 4, ...G128 }),
  method("gwq 4 gptq", "gwq", { bits: 4, ...G128, base: "gptq" }),
  method("spqr 4", "spqr", { bits: 4 }),

  method("rtn 3", "rtn", { bits: 3, ...G128 }),
  method("rtn 3 shrink", "rtn", { bits: 3, ...G128, shrink: 80 }),
  method("hqq 3", "hqq", { bits: 3, ...G128 }),
  method("binary-coding 3", "binary-coding", { planes: 3, ...G128 }),
  method("gptq 3", "gptq", { bits: 3, ...G128, actOrder: false }),
  method("gptq 3 act-order", "gptq", { bits: 3, ...G128, actOrder: true }),
  method("gptq 3 fitted", "gptq", { bits: 3, ...G128, ...FITTED }),
  method("gptq 3 row", "gptq", { bits: 3, group: "row", shrink: 80 }),
  method("gptqt 3", "gptqt", { bits: 3, ...G128 }),
  method("gptqt 3 row", "gptqt", { bits: 3, group: "row", actOrder: true }),
  method("awq 3", "awq", { bits: 3, ...G128 }),
  method("gwq 3 gptq", "gwq", { bits: 3, ...G128, base: "gptq" }),
  method("spqr 3", "spqr", { bits: 3 }),

  method("rtn 2", "rtn", { bits: 2, ...G128 }),
  method("rtn 2 shrink", "rtn", { bits: 2, ...G128, shrink: 80 }),
  method("hqq 2", "hqq", { bits: 2, ...G128 }),
  method("binary-coding 2", "binary-coding", { planes: 2, ...G128 }),
  method("arb second-order", "arb", { variant: "second-order" }),
  method("ternary", "ternary"),
  method("ternary fitted", "ternary", { rule: "least-squares", ...G128 }),
  method("gptq 2", "gptq", { bits: 2, ...G128, actOrder: false }),
  method("gptq 2 act-order", "gptq", { bits: 2, ...G128, actOrder: true }),
  method("gptq 2 fitted", "gptq", { bits: 2, ...G128, ...FITTED }),
  method("gptq 2 g32", "gptq", { bits: 2, group: 32, ...FITTED }),
  method("gptq 2 row", "gptq", { bits: 2, group: "row", shrink: 80 }),
  method("db", "db", G128),
  method("gptqt 2", "gptqt", { bits: 2, ...G128 }),
  method("gptqt 2 row", "gptqt", { bits: 2, group: "row", actOrder: true }),
  method("awq 2", "awq", { bits: 2, ...G128 }),
  method("gwq 2 gptq", "gwq", { bits: 2, ...G128, base: "gptq" }),

  method("pb-llm 30 %", "pb-llm", { share: 0.3 }),
  method("pb-llm 10 %", "pb-llm", { share: 0.1 }),
  method("pb-llm 10 % |w|", "pb-llm", { share: 0.1, metric: "magnitude" }),
  method("billm", "billm"),
  method("billm reference", "billm", { reference: true }),
  method("arb-llm rc", "arb-llm", { variant: "rc" }),
  method("arb-llm x", "arb-llm", { variant: "x" }),
  method("arb-llm plain", "arb-llm", { variant: "plain" }),
  method("arb-llm rc alone", "arb-llm", { variant: "rc", columnGroupBitmap: false }),
  method("arb-llm x alone", "arb-llm", { variant: "x", columnGroupBitmap: false }),
  method("stbllm 6:8", "stbllm", { prune: 2 }),
  method("stbllm 4:8", "stbllm", { prune: 4 }),
  method("stbllm 4:8 reference", "stbllm", { prune: 4, reference: true }),
  method("gptqt 1", "gptqt", { bits: 1, ...G128 }),
  method("rtn 1", "rtn", { bits: 1, ...G128 }),
  method("binary", "binary", G128),
  method("arb", "arb"),
  method("svid", "svid"),

  target(2.1),
  target(2.6),
  target(3.1),
  target(4.1),
];

const order = (group: string, relation: OrderCheck["relation"], ...names: readonly string[]): OrderCheck[] =>
  names.slice(1).map((worse, index) => ({ group, better: names[index]!, worse, relation }));

/** Orders of the literature: calibrated before data-free, and the 4-bit and 1-bit rankings of the papers' own tables. */
export const ORDER_CHECKS: readonly OrderCheck[] = [
  ...[4, 3, 2].flatMap((bits) => [
    ...order(`GPTQ, ${bits} bits`, "≤", `gptq ${bits}`, `rtn ${bits}`),
    ...order(`GPTQ, ${bits} bits`, "≤", `gptq ${bits} act-order`, `gptq ${bits}`),
  ]),
  ...["awq 4", "gptq 4 act-order"].flatMap((second) => [
    ...order("4 bits", "<", "spqr 4", second, "hqq 4"),
    ...(second === "awq 4" ? order("4 bits", "<", second, "gptq 4") : []),
  ]),
  ...order("4 bits", "<", "hqq 4", "rtn 4"),
  ...order("1 bit", "<", "arb-llm rc", "arb-llm x", "billm", "pb-llm 10 %", "rtn 1"),
  ...order("1 bit", "<", "pb-llm 10 %", "gptqt 1"),
];
