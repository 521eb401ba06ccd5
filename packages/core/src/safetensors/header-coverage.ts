import { checkedProduct } from "../bytes/checked-integers.js";
import { DTYPES, type Dtype } from "../dtype/dtype-table.js";
import type { HeaderEntry } from "./header-entry.js";
import { type ProblemReport, quoteName, showShape } from "./header-problem.js";

/**
 * Bytes of a tensor, or the code of what forbids it. Sub-byte dtypes must fill whole bytes: the format has no rule for
 * the rest of the last byte.
 */
export function tensorByteLength(
  dtype: Dtype,
  shape: readonly number[],
): number | "safetensors/size-overflow" | "safetensors/misaligned-bits" {
  const elements = checkedProduct(shape);
  if (elements === undefined) return "safetensors/size-overflow";
  const bits = elements * DTYPES[dtype].bits;
  if (bits > Number.MAX_SAFE_INTEGER) return "safetensors/size-overflow";
  return bits % 8 === 0 ? bits / 8 : "safetensors/misaligned-bits";
}

/** Checks that offsets, dtype and shape of one tensor agree. */
export function checkTensorSpan(entry: HeaderEntry, report: ProblemReport): void {
  const { name, dtype, shape, begin, end, namePosition: byteOffset } = entry;
  if (begin > end) {
    report("safetensors/offsets-reversed", `Tensor ${quoteName(name)} begins at ${begin} but ends at ${end}.`, {
      tensor: name,
      byteOffset,
      begin,
      end,
    });
    return;
  }
  const expected = tensorByteLength(dtype, shape);
  if (expected === end - begin) return;
  const text = showShape(dtype, shape);
  if (expected === "safetensors/size-overflow") {
    report(expected, `Tensor ${quoteName(name)}, ${text}, has more than 2^53 − 1 bits.`, {
      tensor: name,
      byteOffset,
      shape: shape.slice(0, 16),
    });
  } else if (expected === "safetensors/misaligned-bits") {
    report(expected, `Tensor ${quoteName(name)}, ${text}, does not fill whole bytes.`, {
      tensor: name,
      byteOffset,
      dtype,
      shape: shape.slice(0, 16),
    });
  } else {
    report(
      "safetensors/span-mismatch",
      `Tensor ${quoteName(name)}, ${text}, needs ${expected} bytes, but its offsets span ${end - begin}.`,
      { tensor: name, byteOffset, dtype, shape: shape.slice(0, 16), expected, found: end - begin },
    );
  }
}

/**
 * Checks that the tensors cover the data section of `dataBytes` bytes exactly: each begins where the one before ended,
 * the last ends at the end of the file. Afterwards no offset needs to be looked at again.
 * @param dataStart where the data section begins in the file
 */
export function checkCoverage(
  entries: readonly HeaderEntry[],
  dataStart: number,
  dataBytes: number,
  report: ProblemReport,
): void {
  if (coverInOrder(entries, dataBytes)) return;
  let covered = 0;
  let before: HeaderEntry | undefined;
  for (const entry of inFileOrder(entries)) {
    checkTensorSpan(entry, report);
    const { name, begin, end, namePosition: byteOffset } = entry;
    if (begin !== covered) {
      const facts = { tensor: name, byteOffset, begin, expected: covered };
      if (begin > covered) {
        const bytes = begin - covered;
        const left = before === undefined ? "the end of the header" : `tensor ${quoteName(before.name)}`;
        report("safetensors/hole", `${bytes} bytes between ${left} and tensor ${quoteName(name)} are unused.`, facts);
      } else {
        report(
          "safetensors/overlap",
          `Tensor ${quoteName(name)} begins at ${begin}, inside tensor ${quoteName(before!.name)}, which ends at ${covered}.`,
          facts,
        );
      }
    }
    if (end >= covered) {
      covered = end;
      before = entry;
    }
  }
  if (covered > dataBytes) {
    report(
      "safetensors/data-truncated",
      `The tensors need ${covered} bytes after the header, but the file has ${dataBytes}.`,
      { tensor: before!.name, byteOffset: before!.namePosition, expected: covered, found: dataBytes },
    );
  } else if (covered < dataBytes) {
    report(
      "safetensors/trailing-bytes",
      `The tensors end ${covered} bytes after the header, but the file goes on to ${dataBytes}.`,
      { byteOffset: dataStart + covered, expected: covered, found: dataBytes },
    );
  }
}

/**
 * Whether the entries, as they come, follow each other from 0 to `dataBytes`. True of every sound file whose header is
 * in file order, as all writers but few do it; what is false is looked at closely.
 */
function coverInOrder(entries: readonly HeaderEntry[], dataBytes: number): boolean {
  let covered = 0;
  let sameAs: HeaderEntry | undefined;
  let byteLength: number | string = 0;
  for (const entry of entries) {
    if (entry.shape !== sameAs?.shape || entry.dtype !== sameAs.dtype) {
      byteLength = tensorByteLength(entry.dtype, entry.shape);
      sameAs = entry;
    }
    if (entry.begin !== covered || entry.end - covered !== byteLength) return false;
    covered = entry.end;
  }
  return covered === dataBytes;
}

function inFileOrder(entries: readonly HeaderEntry[]): readonly HeaderEntry[] {
  const before = (a: HeaderEntry, b: HeaderEntry) => a.begin - b.begin || a.end - b.end;
  const sorted = entries.every((entry, index) => index === 0 || before(entries[index - 1]!, entry) <= 0);
  return sorted ? entries : entries.toSorted(before);
}
