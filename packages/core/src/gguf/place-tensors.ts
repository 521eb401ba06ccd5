import { alignUp, safeCount } from "../bytes/checked-integers.js";
import { type ProblemReport, quoteName } from "../safetensors/header-problem.js";
import { decideType } from "./decide-type.js";
import type { GgufTensor } from "./gguf-header.js";
import type { TensorInfo } from "./parse-tensor-infos.js";

/** Where the data of a file begin and how they are padded. */
export interface DataPlace {
  readonly dataStart: number;
  readonly alignment: number;
  readonly fileSize: number;
}

/**
 * Finds the bytes of every tensor. As ggml demands, each begins where the one listed before it ends, padded to the
 * alignment.
 */
export function placeTensors(infos: readonly TensorInfo[], place: DataPlace, report: ProblemReport): GgufTensor[] {
  const { dataStart, alignment, fileSize } = place;
  const tensors: GgufTensor[] = [];
  let expected = 0;
  for (const [index, info] of infos.entries()) {
    const { name, shape, typeId, byteOffset: described } = info;
    const offset = safeCount(info.offset);
    if (offset !== expected) {
      report(
        "gguf/offset",
        `Tensor ${quoteName(name)} begins at ${info.offset} of the data; the tensors before it end at ${expected}.`,
        { tensor: name, byteOffset: described, found: String(info.offset), expected },
      );
    }
    const begin = offset ?? expected;
    const decided = decideType(info, roomOf(begin, infos[index + 1], place), report);
    if (decided === undefined) {
      // Without its size only the next offset can tell where the next one is expected.
      expected = safeCount(infos[index + 1]?.offset ?? 0n) ?? 0;
      continue;
    }
    const { type, byteLength, otherReading } = decided;
    const byteOffset = dataStart + begin;
    if (byteLength > fileSize - byteOffset) {
      report(
        "gguf/data-truncated",
        `Tensor ${quoteName(name)} has ${byteLength} bytes from ${byteOffset} on, but the file has ${fileSize} bytes.`,
        { tensor: name, byteOffset: described, found: fileSize, expected: byteOffset + byteLength },
      );
    }
    const reading = otherReading === undefined ? {} : { otherReading };
    tensors.push({ name, shape, type: type.name, typeId, byteOffset, byteLength, ...reading });
    expected = alignUp(begin + byteLength, alignment);
  }
  return tensors;
}

/** Whether a tensor of so many bytes ends where the next one begins, or at the end of the file, padded or not. */
function roomOf(begin: number, next: TensorInfo | undefined, place: DataPlace): (byteLength: number) => boolean {
  const { dataStart, alignment, fileSize } = place;
  return (byteLength) => {
    const padded = alignUp(begin + byteLength, alignment);
    if (next !== undefined) return BigInt(padded) === next.offset;
    const end = fileSize - dataStart;
    return end >= begin + byteLength && end <= padded;
  };
}
