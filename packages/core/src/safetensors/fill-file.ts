import { LowbitError } from "../errors/index.js";
import { quoteName } from "./header-problem.js";

/** A file laid out: where its head and its tensors go. */
interface LaidOutFile {
  readonly head: Uint8Array;
  readonly tensors: readonly { readonly name: string; readonly byteOffset: number; readonly byteLength: number }[];
  readonly byteLength: number;
}

/**
 * A whole file in memory, zeros between its tensors.
 * @param code of the container, for data that are shorter or longer than their place
 */
export function fillFile(
  { head, tensors, byteLength: size }: LaidOutFile,
  data: ReadonlyMap<string, Uint8Array>,
  code: "safetensors/write-length" | "gguf/write-length",
): Uint8Array {
  const file = new Uint8Array(size);
  file.set(head);
  for (const { name, byteOffset, byteLength } of tensors) {
    const bytes = data.get(name)!;
    if (bytes.byteLength !== byteLength) {
      throw new LowbitError(
        code,
        `Tensor ${quoteName(name)} has ${bytes.byteLength} bytes of data; its type and shape need ${byteLength}.`,
        { tensor: name, found: bytes.byteLength, expected: byteLength },
      );
    }
    file.set(bytes, byteOffset);
  }
  return file;
}
