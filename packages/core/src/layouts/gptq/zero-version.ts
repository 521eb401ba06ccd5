import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { type ErrorFacts, LowbitError } from "../../errors/lowbit-error.js";
import type { Checkpoint } from "../../safetensors/checkpoint.js";
import { quoteName } from "../../safetensors/header-problem.js";
import type { GptqModule } from "./gptq-module.js";
import { isPlanar, unpackPlanarCodes } from "./planar-codes.js";

/** 1: zeros are stored minus one, wrapping (format "gptq"). 2: zeros are stored as they are ("gptq_v2", "gptq_p"). */
export type ZeroVersion = 1 | 2;

/** Fewer equal zeros than this say nothing. */
const LEAST_ZEROS = 8;

/**
 * The version that the values of a run of stored zeros tell: a symmetric layer has the middle 2^(bits − 1) everywhere,
 * stored minus one in version 1.
 */
export function versionOfZeros(zeros: Uint8Array, bits: number): ZeroVersion | undefined {
  const [first] = zeros;
  const middle = 2 ** (bits - 1);
  if (zeros.length < LEAST_ZEROS || (first !== middle && first !== middle - 1)) return undefined;
  if (!zeros.every((zero) => zero === first)) return undefined;
  return first === middle ? 2 : 1;
}

/** The version of a checkpoint and what there is to tell about it. */
export interface DecidedVersion {
  readonly version: ZeroVersion;
  readonly note?: string;
}

/**
 * Labels lie: GPTQModel has written version 2 under the name of version 1. So the zeros of symmetric layers decide, and
 * `checkpoint_format` where there are none; version 1 without one.
 * @throws `layouts/mixed-versions` when layers tell different versions
 */
export function decideVersion(checkpoint: Checkpoint, modules: readonly GptqModule[], format: unknown): DecidedVersion {
  const told = new Map<ZeroVersion, string>();
  for (const module of modules) {
    const version = versionOfZeros(firstZeros(checkpoint, module, format), module.bits);
    if (version !== undefined && !told.has(version)) told.set(version, module.qzeros.name);
  }
  if (told.size === 2) throw mixedVersions(told.get(1)!, told.get(2)!);
  const stated: ZeroVersion = format === "gptq_v2" || format === "gptq_p" ? 2 : 1;
  const [decided] = told;
  // Planar codes came after version 2 and are stored with its zeros alone.
  if (decided === undefined) return { version: modules.some(({ bits }) => isPlanar(bits, format)) ? 2 : stated };
  const [version, tensor] = decided;
  if (version === stated || format === undefined) return { version };
  const how = version === 2 ? "as they are (gptq_v2)" : "minus one (gptq)";
  return {
    version,
    note: `checkpoint_format says ${JSON.stringify(format)}, but ${quoteName(tensor)} holds zeros ${how}; its values count.`,
  };
}

export function mixedVersions(first: string, second: string): LowbitError {
  const facts: ErrorFacts = { layout: "gptq", first, second };
  return new LowbitError(
    "layouts/mixed-versions",
    `Tensor ${quoteName(first)} holds zeros minus one (gptq), tensor ${quoteName(second)} zeros as they are (gptq_v2); a checkpoint has one form.`,
    facts,
  );
}

/** Zeros of the first group, as many as the checkpoint read when it was opened. */
function firstZeros(checkpoint: Checkpoint, { qzeros, rows, bits }: GptqModule, format: unknown): Uint8Array {
  const bytes = checkpoint.descriptions?.get(qzeros.name) ?? new Uint8Array();
  // A block of 32 zeros takes `bits` words.
  const count = Math.min(
    rows,
    32 * Math.floor(bytes.byteLength / (4 * bits)) || Math.floor((8 * bytes.byteLength) / bits),
  );
  return unpackZeros(bytes, count, bits, format);
}

/** Zeros of one group as they are stored. */
export function unpackZeros(row: Uint8Array, count: number, bits: number, format: unknown): Uint8Array {
  const zeros = new Uint8Array(count);
  if (isPlanar(bits, format)) unpackPlanarCodes(row, bits, count, zeros);
  else unpackCodes(row, bits, count, zeros);
  return zeros;
}
