import { LowbitError } from "@lowbit/core/errors";
import type { OnlineRotation, RotationSite, SmoothSettings } from "@lowbit/lm";
import { InvalidArgumentError, Option } from "commander";
import { decimalNumber, wholeNumber } from "../commands/number-option.js";

/** `--rotate R1,R2,R4`: what is merged into the weights, and what runs online. */
export interface RotationChoice {
  readonly merged: readonly RotationSite[];
  readonly online?: OnlineRotation;
}

const MERGED = ["R1", "R2"] as const satisfies readonly RotationSite[];

/** Flags of `transformOptions`, as commander gives them. */
export interface TransformFlags {
  readonly rotate?: RotationChoice;
  readonly rotateSeed?: number;
  readonly smooth?: number;
}

/** Transforms that come before the methods of a run. */
export interface TransformChoice extends RotationChoice {
  readonly seed: number;
  readonly smooth?: SmoothSettings;
}

/** What the flags ask for; undefined for nothing. */
export function transformChoice({ rotate, rotateSeed, smooth }: TransformFlags): TransformChoice | undefined {
  const seed = rotationSeed(rotate, rotateSeed);
  if (rotate === undefined && smooth === undefined) return undefined;
  return { merged: [], ...rotate, seed, ...(smooth !== undefined && { smooth: { alpha: smooth } }) };
}

/** `--rotate`, `--rotate-seed` and `--smooth` of a command that quantizes. */
export function transformOptions(): readonly Option[] {
  return [
    new Option(
      "--rotate <sites>",
      "rotate first, some of R1 (residual stream), R2 (value heads), R4 (input of down, while the model runs) and online (every input, while it runs): R1,R2,R4",
    ).argParser(rotationSites(true)),
    rotateSeedOption(),
    new Option(
      "--smooth <alpha>",
      "divide inputs by a scale per channel first, 0 to 1: how much of their size goes into the weights; needs statistics",
    ).argParser(strength()),
  ];
}

export function rotateSeedOption(): Option {
  return new Option("--rotate-seed <number>", "of the signs of rotations (default: 0)").argParser(
    wholeNumber(0, 2 ** 32),
  );
}

/** @throws `options/command-line` for a seed of rotations where nothing is rotated */
export function rotationSeed(rotate: RotationChoice | undefined, seed: number | undefined): number {
  if (seed !== undefined && rotate === undefined) {
    throw new LowbitError("options/command-line", "--rotate-seed is about --rotate, which is not given.", {
      option: "--rotate-seed",
      missing: "--rotate",
    });
  }
  return seed ?? 0;
}

/** Parser of a strength of smoothing. */
export function strength(): (text: string) => number {
  return decimalNumber((value) => value >= 0 && value <= 1, "a number from 0 to 1");
}

/** Parser of a list of sites; rotations that run online where `withOnline`. */
export function rotationSites(withOnline: boolean): (text: string) => RotationChoice {
  const allowed: readonly string[] = withOnline ? [...MERGED, "R4", "online"] : MERGED;
  return (text) => {
    const names = text.split(",").map((name) => name.trim());
    if (names.some((name) => !allowed.includes(name))) {
      throw new InvalidArgumentError(`It is a list of ${allowed.join(", ")}.`);
    }
    if (names.includes("R4") && names.includes("online")) {
      throw new InvalidArgumentError("online rotates the inputs of R4, too: give one of the two.");
    }
    const merged = MERGED.filter((site) => names.includes(site));
    if (names.includes("online")) return { merged, online: "all" };
    return names.includes("R4") ? { merged, online: "down" } : { merged };
  };
}
