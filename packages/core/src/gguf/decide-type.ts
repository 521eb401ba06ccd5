import { checkedProduct } from "../bytes/checked-integers.js";
import { LowbitError } from "../errors/index.js";
import { type ProblemReport, quoteName, showShape } from "../safetensors/header-problem.js";
import {
  FORK_BLOCK_TYPE,
  FORK_TYPES,
  type GgufType,
  ggmlTypes,
  ggufType,
  ggufTypeById,
  RETIRED_TYPES,
  WORKING_TYPES,
} from "./gguf-types.js";
import type { TensorInfo } from "./parse-tensor-infos.js";

/** A tensor's type with what else its number can mean. */
export interface DecidedType {
  readonly type: GgufType;
  readonly byteLength: number;
  /** Present where forks of ggml use the number for something else: "IQ4_NL_4_4, removed from ggml". */
  readonly otherReading?: string;
}

/**
 * What the type number of a tensor means. Forks use some of ggml's numbers for types of their own; there the room that
 * the file leaves for the tensor decides.
 * @param fits whether a tensor of so many bytes ends where the file goes on
 * @returns undefined after a problem was reported
 */
export function decideType(
  info: TensorInfo,
  fits: (byteLength: number) => boolean,
  report: ProblemReport,
): DecidedType | undefined {
  const { typeId } = info;
  const known = ggufTypeById(typeId);
  const forkReading = FORK_TYPES[typeId];
  if (forkReading === undefined) return known === undefined ? unknown(info, report) : sized(info, known, report);
  if (known !== undefined) {
    const byteLength = storedBytes(info, known);
    if (typeof byteLength === "number" && fits(byteLength)) {
      return { type: known, byteLength, otherReading: forkReading };
    }
    return collision(info, `${known.name} of ggml`, forkReading, report);
  }
  const fork = ggufType(FORK_BLOCK_TYPE);
  if (fork !== undefined && fork.id === typeId) {
    const byteLength = storedBytes(info, fork);
    if (typeof byteLength === "number" && fits(byteLength)) {
      return { type: fork, byteLength, otherReading: `${RETIRED_TYPES[typeId]!}, removed from ggml` };
    }
  }
  const retired = RETIRED_TYPES[typeId];
  if (retired === undefined) return unknown(info, report);
  return collision(info, `${retired}, which ggml removed`, forkReading, report);
}

function sized(info: TensorInfo, type: GgufType, report: ProblemReport): DecidedType | undefined {
  const byteLength = storedBytes(info, type);
  if (typeof byteLength === "number") return { type, byteLength };
  report(byteLength.code, byteLength.message, { ...byteLength.facts, byteOffset: info.byteOffset });
  return undefined;
}

/** Bytes of a tensor of this type without the padding behind it, or why there are none. */
export function storedBytes({ name, shape }: Pick<TensorInfo, "name" | "shape">, type: GgufType): number | LowbitError {
  const columns = shape.at(-1) ?? 1;
  if (columns % type.weights !== 0) {
    return new LowbitError(
      "gguf/row-length",
      `Tensor ${quoteName(name)}, ${showShape(type.name, shape)}, has rows of ${columns}, which is no multiple of the ${type.weights} weights of a block.`,
      { tensor: name, found: columns, block: type.weights },
    );
  }
  const count = checkedProduct(shape);
  const bytes = count === undefined ? undefined : checkedProduct([count / type.weights, type.bytes]);
  if (bytes !== undefined && Number.isSafeInteger(bytes + type.sharedBytes)) return bytes + type.sharedBytes;
  return new LowbitError(
    "gguf/size-overflow",
    `Tensor ${quoteName(name)}, ${showShape(type.name, shape)}, has more than 2^53 − 1 elements or bytes.`,
    { tensor: name, shape },
  );
}

function collision(info: TensorInfo, ggml: string, fork: string, report: ProblemReport): undefined {
  report(
    "gguf/fork-type",
    `Tensor ${quoteName(info.name)} has type ${info.typeId}: ${ggml}, or ${fork}. The room in the file fits no reading that lowbit knows.`,
    { tensor: info.name, byteOffset: info.byteOffset, typeId: info.typeId, readings: [ggml, fork] },
  );
  return undefined;
}

function unknown(info: TensorInfo, report: ProblemReport): undefined {
  const { name, typeId, byteOffset } = info;
  const facts = { tensor: name, byteOffset, typeId };
  const retired = RETIRED_TYPES[typeId];
  const working = WORKING_TYPES[typeId];
  const tensor = `Tensor ${quoteName(name)} has type ${typeId}`;
  if (retired !== undefined) {
    report("gguf/retired-type", `${tensor}, ${retired}, which ggml removed.`, { ...facts, type: retired });
  } else if (working !== undefined) {
    report("gguf/working-type", `${tensor}, ${working}, which ggml uses for activations and never in files.`, {
      ...facts,
      type: working,
    });
  } else {
    const fork = FORK_TYPES[typeId];
    const known = ggmlTypes().map((type) => `${type.id} ${type.name}`);
    report("gguf/unknown-type", `${tensor}${fork === undefined ? "" : ` (${fork})`}; known are ${known.join(", ")}.`, {
      ...facts,
      known,
    });
  }
  return undefined;
}
