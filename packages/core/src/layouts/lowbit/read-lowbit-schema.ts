import { DTYPES, type Dtype } from "../../dtype/dtype-table.js";
import { isLowbitError, LowbitError } from "../../errors/lowbit-error.js";
import { showValue } from "../../errors/show-value.js";
import { quoteName } from "../../safetensors/header-problem.js";
import { storedByteLength } from "../../terms/bits-per-weight.js";
import { TRANSFORM_KINDS, type TransformLayout } from "../../terms/input-transform.js";
import { MAX_DIMENSION } from "../../terms/layout-fields.js";
import { type Provenance, validateLayouts } from "../../terms/quantized-weight.js";
import type { TermLayout } from "../../terms/term.js";
import { TERM_KINDS } from "../../terms/term-kinds.js";
import { LOWBIT_FORMAT_VERSION, LOWBIT_METADATA_KEY, type LowbitWeight } from "./lowbit-weight.js";
import { asArray, asObject, asString, checkKeys, type SchemaObject, wrongType } from "./schema-value.js";
import { weightTensors } from "./weight-tensors.js";
import { nameCollision } from "./write-lowbit-schema.js";

/** What the header of the file says about a tensor; already checked against the size of the file. */
export interface HeaderTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/**
 * A file may state at most this many weights a stored byte (1/512 bit a weight). Decoding allocates by what the schema
 * states, so a small file must not be able to state a huge matrix.
 */
export const MAX_WEIGHTS_PER_BYTE = 4096;

const MAX_RANK = 8;

/**
 * The quantized weights of one file, every statement of the schema checked against the header.
 * @param metadata `__metadata__` of the file
 * @param tensors the tensors of the same file by name
 * @returns none when the file has no schema
 * @throws `layouts/…` and `terms/…` codes, each with the weight that it concerns
 */
export function readLowbitSchema(
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, HeaderTensor>,
): readonly LowbitWeight[] {
  if (!Object.hasOwn(metadata, LOWBIT_METADATA_KEY)) return [];
  const schema = asObject(parseJson(metadata[LOWBIT_METADATA_KEY]!), "the top level");
  // The version first: nothing else can be judged in a version that is not known.
  if (schema["version"] !== LOWBIT_FORMAT_VERSION) throw unknownVersion(schema["version"]);
  checkKeys(schema, ["version", "weights"], "the top level");
  return Object.entries(asObject(schema["weights"], "weights")).map(([name, entry]) => {
    try {
      const weight = readWeight(name, asObject(entry, `weights["${name}"]`));
      checkTensors(weight, tensors);
      return weight;
    } catch (error) {
      if (!isLowbitError(error)) throw error;
      throw new LowbitError(error.code, `Weight ${quoteName(name)}: ${error.message}`, {
        ...error.facts,
        weight: name,
      });
    }
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LowbitError("layouts/schema-json", `The metadata "lowbit" is not JSON: ${(error as Error).message}.`);
  }
}

function unknownVersion(found: unknown): LowbitError {
  const shown = found === undefined ? "missing" : showValue(found);
  return new LowbitError(
    "layouts/unknown-version",
    `The lowbit schema has version ${shown}; this version of lowbit reads ${LOWBIT_FORMAT_VERSION}.`,
    { found: shown, allowed: LOWBIT_FORMAT_VERSION },
  );
}

function readWeight(name: string, entry: SchemaObject): LowbitWeight {
  checkKeys(entry, ["shape", "dtype", "terms", "transforms", "provenance"], "the entry");
  const shape = readShape(asArray(entry["shape"], "shape"));
  const dtype = asString(entry["dtype"], "dtype");
  if (!Object.hasOwn(DTYPES, dtype)) {
    throw new LowbitError("layouts/unknown-dtype", `${quoteName(dtype)} is not a dtype of safetensors.`, {
      found: dtype,
    });
  }
  const terms = asArray(entry["terms"], "terms").map((layout, i) => {
    const object = asObject(layout, `terms[${i}]`);
    checkKind(object["kind"], TERM_KINDS, "terms/unknown-kind", "term");
    return object as unknown as TermLayout;
  });
  const transforms = asArray(entry["transforms"], "transforms").map((layout, i) => {
    const object = asObject(layout, `transforms[${i}]`);
    checkKind(object["kind"], TRANSFORM_KINDS, "terms/unknown-transform", "transform");
    return object as unknown as TransformLayout;
  });
  validateLayouts(shape, terms, transforms);
  return { name, shape, dtype: dtype as Dtype, terms, transforms, provenance: readProvenance(entry["provenance"]) };
}

function readShape(shape: readonly unknown[]): readonly number[] {
  const sound = (size: unknown) => Number.isInteger(size) && (size as number) >= 1 && (size as number) <= MAX_DIMENSION;
  if (shape.length >= 1 && shape.length <= MAX_RANK && shape.every(sound)) return shape as readonly number[];
  const shown = showValue(shape);
  throw new LowbitError(
    "layouts/invalid-shape",
    `The shape is ${shown}; it must have 1 to ${MAX_RANK} axes of 1 to ${MAX_DIMENSION}.`,
    { found: shown },
  );
}

function checkKind(
  kind: unknown,
  known: object,
  code: "terms/unknown-kind" | "terms/unknown-transform",
  what: string,
): void {
  if (typeof kind === "string" && Object.hasOwn(known, kind)) return;
  const shown = kind === undefined ? "missing" : showValue(kind);
  throw new LowbitError(code, `The kind of a ${what} is ${shown}; known: ${Object.keys(known).join(", ")}.`, {
    found: shown,
    known: Object.keys(known),
  });
}

function readProvenance(value: unknown): Provenance {
  const provenance = asObject(value, "provenance");
  checkKeys(provenance, ["method", "options", "lowbitVersion"], "provenance");
  const options = asObject(provenance["options"], "provenance.options");
  for (const [name, option] of Object.entries(options)) {
    if (!["string", "number", "boolean"].includes(typeof option)) {
      throw wrongType(option, `provenance.options.${name}`, "a string, number or boolean");
    }
  }
  return {
    method: asString(provenance["method"], "provenance.method"),
    options: options as Provenance["options"],
    lowbitVersion: asString(provenance["lowbitVersion"], "provenance.lowbitVersion"),
  };
}

function checkTensors(weight: LowbitWeight, tensors: ReadonlyMap<string, HeaderTensor>): void {
  if (tensors.has(weight.name)) throw nameCollision(weight.name);
  for (const { name, dtype, shape } of weightTensors(weight)) {
    const found = tensors.get(name);
    if (found === undefined) {
      throw new LowbitError("layouts/missing-tensor", `The file has no tensor ${quoteName(name)}.`, { tensor: name });
    }
    if (found.dtype !== dtype) {
      throw new LowbitError(
        "layouts/tensor-dtype",
        `Tensor ${quoteName(name)} is ${found.dtype}; its layout says ${dtype}.`,
        {
          tensor: name,
          found: found.dtype,
          expected: dtype,
        },
      );
    }
    if (found.shape.length !== shape.length || found.shape.some((size, axis) => size !== shape[axis])) {
      throw new LowbitError(
        "layouts/tensor-shape",
        `Tensor ${quoteName(name)} is [${found.shape.join(", ")}]; its layout says [${shape.join(", ")}].`,
        { tensor: name, found: found.shape, expected: shape },
      );
    }
  }
  const weights = weight.shape.reduce((product, size) => product * size, 1);
  const bytes = storedByteLength(weight.terms, weight.transforms);
  if (weights > bytes * MAX_WEIGHTS_PER_BYTE) {
    throw new LowbitError(
      "layouts/implausible-size",
      `${bytes} bytes are said to hold ${weights} weights; at most ${MAX_WEIGHTS_PER_BYTE} a byte are allowed.`,
      { bytes, weights, allowed: bytes * MAX_WEIGHTS_PER_BYTE },
    );
  }
}
