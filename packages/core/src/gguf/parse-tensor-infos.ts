import { safeCount } from "../bytes/checked-integers.js";
import { LowbitError } from "../errors/index.js";
import { type ProblemReport, quoteName } from "../safetensors/header-problem.js";
import type { HeaderCursor, HeaderParser } from "./header-cursor.js";

/** ggml keeps names in 64 bytes, the last of which ends the text. */
export const MAX_NAME_BYTES = 63;
export const MAX_AXES = 4;

/** What a file says of a tensor, before its type is known to mean anything. */
export interface TensorInfo {
  readonly name: string;
  /** Outermost axis first, the reverse of the file's order. */
  readonly shape: readonly number[];
  readonly typeId: number;
  /** From the start of the data. */
  readonly offset: bigint;
  /** Where its description begins in the file. */
  readonly byteOffset: number;
}

export function* parseTensorInfos(
  cursor: HeaderCursor,
  count: number,
  report: ProblemReport,
): HeaderParser<readonly TensorInfo[]> {
  const infos: TensorInfo[] = [];
  const names = new Set<string>();
  for (let index = 0; index < count; index++) {
    const info = yield* parseTensorInfo(cursor, index, report);
    if (names.has(info.name)) {
      report("gguf/duplicate-tensor", `Two tensors are called ${quoteName(info.name)}.`, {
        tensor: info.name,
        byteOffset: info.byteOffset,
      });
    }
    names.add(info.name);
    infos.push(info);
  }
  return infos;
}

function* parseTensorInfo(cursor: HeaderCursor, index: number, report: ProblemReport): HeaderParser<TensorInfo> {
  const byteOffset = cursor.position;
  const span = yield* cursor.text(`The name of tensor ${index}`);
  const nameBytes = span.end - span.begin;
  const name = cursor.decode(span, `The name of tensor ${index}`);
  if (nameBytes > MAX_NAME_BYTES) {
    report(
      "gguf/name-length",
      `The name ${quoteName(name)} of tensor ${index} has ${nameBytes} bytes; at most ${MAX_NAME_BYTES} are allowed.`,
      { tensor: index, byteOffset, found: nameBytes, allowed: MAX_NAME_BYTES },
    );
  }
  const what = `The description of tensor ${quoteName(name)}`;
  const axes = yield* cursor.uint32(what);
  if (axes > MAX_AXES) {
    throw new LowbitError("gguf/axes", `Tensor ${quoteName(name)} has ${axes} axes; at most ${MAX_AXES} are allowed.`, {
      tensor: name,
      byteOffset: cursor.position - 4,
      found: axes,
      allowed: MAX_AXES,
    });
  }
  const shape: number[] = [];
  for (let axis = 0; axis < axes; axis++) {
    const stated = yield* cursor.uint64(what);
    const size = safeCount(stated);
    if (size === undefined || size === 0) {
      report(
        "gguf/axis-size",
        `Tensor ${quoteName(name)} has an axis of ${stated}; 1 to ${Number.MAX_SAFE_INTEGER} are allowed.`,
        { tensor: name, byteOffset: cursor.position - 8, found: String(stated), allowed: Number.MAX_SAFE_INTEGER },
      );
    }
    shape.unshift(size === undefined || size === 0 ? 1 : size);
  }
  const typeId = yield* cursor.uint32(what);
  return { name, shape, typeId, offset: yield* cursor.uint64(what), byteOffset };
}
