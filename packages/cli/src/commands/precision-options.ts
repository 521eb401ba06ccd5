import { LowbitError } from "@lowbit/core/errors";
import type { ActivationBits, CacheGrouping, CachePrecision } from "@lowbit/lm";
import { Option } from "commander";

const CACHE_BITS: Readonly<Record<string, CachePrecision>> = { "32": "f32", "16": "f16", "8": 8, "4": 4, "2": 2 };

/** Flags of the options below, as commander gives them. */
export interface PrecisionFlags {
  readonly kvBits: keyof typeof CACHE_BITS;
  readonly kvGrouping?: CacheGrouping;
  readonly kvRotate?: boolean;
  readonly activationBits?: "8" | "4";
}

/** Precisions of a run, as `@lowbit/lm` takes them. */
export interface RunPrecision {
  readonly cachePrecision: CachePrecision;
  readonly cacheGrouping: CacheGrouping;
  readonly rotateKeys: boolean;
  readonly activationBits?: ActivationBits;
}

/** `--kv-bits`, `--kv-grouping`, `--kv-rotate`, `--activation-bits`, shared by all commands that run a model. */
export function precisionOptions(): readonly Option[] {
  return [
    new Option("--kv-bits <bits>", "bits of cached keys and values").choices(Object.keys(CACHE_BITS)).default("32"),
    new Option(
      "--kv-grouping <what>",
      "what shares a scale where they have 8 bits or fewer: a head of a token, or of keys 32 tokens of a channel (default: token)",
    ).choices(["token", "channel"]),
    new Option("--kv-rotate", "keep keys rotated where they have 8 bits or fewer: no channel stands out"),
    new Option(
      "--activation-bits <bits>",
      "round what goes into linear layers of blocks to so many bits per token (default: as the model was trained)",
    ).choices(["8", "4"]),
  ];
}

/** @throws `options/command-line` for a grouping or a rotation where nothing is coded */
export function runPrecision({ kvBits, kvGrouping, kvRotate = false, activationBits }: PrecisionFlags): RunPrecision {
  const cachePrecision = CACHE_BITS[kvBits]!;
  const [coded] = [...(kvGrouping === undefined ? [] : ["--kv-grouping"]), ...(kvRotate ? ["--kv-rotate"] : [])];
  if (coded !== undefined && typeof cachePrecision === "string") {
    throw new LowbitError("options/command-line", `${coded} needs --kv-bits 8, 4 or 2.`, { option: coded });
  }
  return {
    cachePrecision,
    cacheGrouping: kvGrouping ?? "token",
    rotateKeys: kvRotate,
    ...(activationBits !== undefined && { activationBits: Number(activationBits) as ActivationBits }),
  };
}
