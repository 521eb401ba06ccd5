import { asConfigObject, type ConfigObject, quantizationConfig } from "../stated-config.js";

/** How config.json states that weights are stored: one entry of `config_groups`. */
export interface WeightScheme {
  readonly bits: number | undefined;
  readonly type: "int" | "float";
  readonly isSymmetric: boolean;
  /** "tensor", "channel", "group", "tensor_group", "block"; absent in older files. */
  readonly strategy: string | undefined;
  readonly groupSize: number | undefined;
  readonly blockStructure: readonly [number, number] | undefined;
}

/**
 * The schemes of all groups. Which of them a weight has follows from its tensors: targets may be patterns, and a pattern
 * out of a file is not run. Empty: there is no config.json, or it is of another method.
 */
export function weightSchemes(config: ConfigObject | undefined): readonly WeightScheme[] {
  const groups = asConfigObject(quantizationConfig(config)?.["config_groups"]);
  return Object.values(groups ?? {}).flatMap((group) => {
    const weights = asConfigObject(asConfigObject(group)?.["weights"]);
    return weights === undefined ? [] : [scheme(weights)];
  });
}

function scheme(weights: ConfigObject): WeightScheme {
  const strategy = weights["strategy"];
  const block = weights["block_structure"];
  return {
    bits: positiveInteger(weights["num_bits"]),
    type: weights["type"] === "float" ? "float" : "int",
    isSymmetric: weights["symmetric"] !== false,
    strategy: typeof strategy === "string" ? strategy : undefined,
    groupSize: positiveInteger(weights["group_size"]),
    blockStructure: blockStructure(block),
  };
}

/** [rows, columns]; older files write "128x128". */
function blockStructure(value: unknown): readonly [number, number] | undefined {
  const parts = typeof value === "string" ? value.split("x").map(Number) : value;
  if (!Array.isArray(parts) || parts.length !== 2) return undefined;
  const [rows, columns] = parts.map(positiveInteger);
  return rows === undefined || columns === undefined ? undefined : [rows, columns];
}

function positiveInteger(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
}

/** For messages: "4-bit int, group of 128, asymmetric". */
export function describeScheme({ bits, type, strategy, groupSize, isSymmetric }: WeightScheme): string {
  const sharing = strategy === undefined ? "" : `, strategy ${strategy}`;
  const size = groupSize === undefined ? "" : `, group size ${groupSize}`;
  return `${bits ?? "?"}-bit ${type}${sharing}${size}${isSymmetric ? "" : ", asymmetric"}`;
}
