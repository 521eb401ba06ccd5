import { LowbitError } from "@lowbit/core/errors";
import type { RotaryPositions } from "../model/decoder-config.js";
import type { ConfigFields } from "./config-fields.js";
import { LAYER_TYPES } from "./sliding-windows.js";
import { yarnPositions } from "./yarn.js";

/** How an architecture states its rotary embedding. */
export interface RotaryDefaults {
  readonly headSize: number;
  /** Field of the base outside `rope_parameters`; absent: "rope_theta". */
  readonly baseField?: string;
  /** Base where the config does not say; absent: 10 000. */
  readonly base?: number;
  /** Present: a share of every head turns; absent: all of it. */
  readonly partial?: PartialRotation;
}

interface PartialRotation {
  /** Field of the share outside `rope_parameters`. */
  readonly field: string;
  /** Share where the config does not say. */
  readonly share: number;
}

/** So many frequencies are computed before any tensor is looked at. */
const LARGEST_HEAD = 2 ** 16;

const ROPE_TYPES = ["default", "linear", "llama3", "yarn", "longrope"] as const;

/** A rotary embedding as the config states it. */
export interface RotarySettings {
  readonly base: number;
  /** Features of a head that turn. */
  readonly rotarySize: number;
  readonly type: (typeof ROPE_TYPES)[number];
  /** What the type reads; absent for "default" alone. */
  readonly parameters?: ConfigFields;
  /** Positions before the scaling. */
  readonly originalContext: () => number;
}

/**
 * Rotary embedding from `rope_theta` and `rope_scaling`, or from `rope_parameters`, which holds both since transformers 5.
 * A `rope_scaling` that is not empty stands in for `rope_parameters`.
 * @throws `model/config-field`, `model/unsupported-setting`
 */
export function rotaryPositions(fields: ConfigFields, defaults: RotaryDefaults): RotaryPositions {
  const { base, rotarySize, type, parameters, originalContext } = rotarySettings(fields, defaults);
  const plain = plainFrequencies(base, rotarySize);
  if (parameters === undefined || type === "default") return rotary(plain);
  if (type === "yarn") return yarnPositions(plain, base, originalContext(), parameters);
  if (type === "llama3") return rotary(llama3Frequencies(plain, originalContext(), parameters));
  if (type === "longrope") return longPositions(plain, originalContext(), fields, parameters);
  const factor = parameters.positive("factor");
  return rotary(plain.map((frequency) => frequency / factor));
}

/** @throws `model/config-field`, `model/unsupported-setting` */
export function rotarySettings(fields: ConfigFields, defaults: RotaryDefaults): RotarySettings {
  const { headSize, baseField = "rope_theta", partial } = defaults;
  const parameters = fields.object(isEmpty(fields.raw("rope_scaling")) ? "rope_parameters" : "rope_scaling");
  for (const type of LAYER_TYPES) if (parameters?.has(type)) throw parameters.unsupported(type, "none");
  const base = parameters?.has("rope_theta")
    ? parameters.positive("rope_theta")
    : fields.positive(baseField, defaults.base ?? 10_000);
  checkHeadSize(fields.name, headSize, partial === undefined);
  if (partial === undefined) refusePartialRotation(fields, parameters);
  return {
    base,
    rotarySize: partial === undefined ? headSize : partialSize(fields, parameters, headSize, partial),
    type: ropeType(fields, parameters),
    ...(parameters !== undefined && { parameters }),
    originalContext: () => originalContext(fields, parameters!),
  };
}

/** base^(−2i / rotarySize), rounded to f32 at every step as in the models' training code: far positions magnify the last bit. */
export function plainFrequencies(base: number, rotarySize: number): readonly number[] {
  return Array.from({ length: rotarySize / 2 }, (_, i) =>
    Math.fround(1 / Math.fround(base ** Math.fround((2 * i) / rotarySize))),
  );
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

function checkHeadSize(model: string, headSize: number, mustBeEven: boolean): void {
  if (headSize <= LARGEST_HEAD && !(mustBeEven && headSize % 2 !== 0)) return;
  const allowed = `${mustBeEven ? "an even number" : "an integer"} up to ${LARGEST_HEAD}`;
  throw new LowbitError(
    "model/config-field",
    `${model}: the heads of config.json have ${headSize} features; allowed: ${allowed}.`,
    { model, field: "head_dim", found: headSize, allowed },
  );
}

/** Other programs turn a part of the head, or all of it, or fail. */
function refusePartialRotation(fields: ConfigFields, parameters: ConfigFields | undefined): void {
  for (const place of [fields, parameters]) {
    if (place !== undefined && place.positive("partial_rotary_factor", 1) !== 1) {
      throw place.unsupported("partial_rotary_factor", "1");
    }
  }
}

function partialSize(
  fields: ConfigFields,
  parameters: ConfigFields | undefined,
  headSize: number,
  { field, share: otherwise }: PartialRotation,
): number {
  const share = parameters?.has("partial_rotary_factor")
    ? parameters.positive("partial_rotary_factor")
    : fields.positive(field, otherwise);
  const size = Math.floor(headSize * share);
  if (share <= 1 && size >= 2 && size % 2 === 0) return size;
  const allowed = `an even number from 2 to ${headSize}`;
  throw new LowbitError(
    "model/config-field",
    `${fields.name}: ${share} of a head of ${headSize} features is ${size}; allowed: ${allowed}.`,
    { model: fields.name, field, found: share, allowed },
  );
}

/** Positions before the scaling: those that the model has now where the config does not say. */
function originalContext(fields: ConfigFields, scaling: ConfigFields): number {
  const field = "original_max_position_embeddings";
  if (fields.has(field)) return fields.count(field);
  return scaling.has(field) ? scaling.count(field) : fields.count("max_position_embeddings");
}

/** `rope_type`; `type` in old files. */
function ropeType(fields: ConfigFields, scaling: ConfigFields | undefined): (typeof ROPE_TYPES)[number] {
  const found = scaling?.text("rope_type", scaling.text("type", "default")) ?? "default";
  const known = ROPE_TYPES.find((type) => type === found);
  if (known !== undefined) return known;
  throw new LowbitError(
    "model/unsupported-setting",
    `${fields.name}: the rope type in config.json is "${found}"; supported: ${ROPE_TYPES.join(", ")}.`,
    { model: fields.name, setting: "rope_type", found, allowed: ROPE_TYPES },
  );
}

function rotary(frequencies: readonly number[]): RotaryPositions {
  return { kind: "rotary", frequencies, attentionFactor: 1 };
}

/** Llama 3.1: slow pairs turn `factor` times slower, fast ones as before, those between in proportion. */
function llama3Frequencies(frequencies: readonly number[], original: number, scaling: ConfigFields): readonly number[] {
  const factor = scaling.positive("factor");
  const low = scaling.positive("low_freq_factor");
  const high = scaling.positive("high_freq_factor");
  if (high <= low) throw scaling.invalid("high_freq_factor", `a number above low_freq_factor (${low})`);
  return frequencies.map((frequency) => {
    const turns = (original * frequency) / (2 * Math.PI);
    const share = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return ((1 - share) * frequency) / factor + share * frequency;
  });
}

/**
 * LongRoPE (arXiv 2402.13753): every pair is slowed down by a factor of its own. Only with the same factors for short and
 * long texts: others would change what the cache holds when a text grows.
 */
function longPositions(
  frequencies: readonly number[],
  original: number,
  fields: ConfigFields,
  scaling: ConfigFields,
): RotaryPositions {
  const factors = scaling.positives("long_factor", frequencies.length);
  const short = scaling.positives("short_factor", frequencies.length);
  if (factors.some((factor, i) => factor !== short[i])) throw scaling.unsupported("short_factor", "long_factor");
  const growth = scaling.positive("factor", fields.count("max_position_embeddings") / original);
  const grown = growth <= 1 ? 1 : Math.sqrt(1 + Math.log(growth) / Math.log(original));
  return {
    kind: "rotary",
    frequencies: frequencies.map((frequency, i) => frequency / factors[i]!),
    attentionFactor: scaling.positive("attention_factor", grown),
  };
}
