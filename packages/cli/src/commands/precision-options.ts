import type { ActivationBits, CacheGrouping, CachePrecision } from "@lowbit/lm";
import { Option } from "commander";

const CACHE_BITS: Readonly<Record<string, CachePrecision>> = { "32": "f32", "16": "f16", "8": 8, "4": 4, "2": 2 };

/** Flags of the three options below, as commander gives them. */
export interface PrecisionFlags {
  readonly kvBits: keyof typeof CACHE_BITS;
  readonly kvGrouping: CacheGrouping;
  readonly activationBits?: "8" | "4";
}

/** Precisions of a run, as `@lowbit/lm` takes them. */
export interface RunPrecision {
  readonly cachePrecision: CachePrecision;
  readonly cacheGrouping: CacheGrouping;
  readonly activationBits?: ActivationBits;
}

/** `--kv-bits`, `--kv-grouping`, `--activation-bits`, shared by all commands that run a model. */
export function precisionOptions(): readonly Option[] {
  return [
    new Option("--kv-bits <bits>", "bits of cached keys and values").choices(Object.keys(CACHE_BITS)).default("32"),
    new Option(
      "--kv-grouping <what>",
      "what shares a scale where they have 8 bits or fewer: features of a token, or of keys 32 tokens of a channel",
    )
      .choices(["token", "channel"])
      .default("token"),
    new Option(
      "--activation-bits <bits>",
      "round what goes into linear layers to so many bits per token (default: f32)",
    ).choices(["8", "4"]),
  ];
}

export function runPrecision({ kvBits, kvGrouping, activationBits }: PrecisionFlags): RunPrecision {
  return {
    cachePrecision: CACHE_BITS[kvBits]!,
    cacheGrouping: kvGrouping,
    ...(activationBits !== undefined && { activationBits: Number(activationBits) as ActivationBits }),
  };
}
