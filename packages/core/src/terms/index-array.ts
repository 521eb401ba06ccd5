/** Elements of a U32 array of a term; its bytes may start anywhere. */
export function readU32(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
}

/** Elements of a U16 array of a term. */
export function readU16(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.byteLength / 2 }, (_, i) => view.getUint16(i * 2, true));
}

/** Writes numbers as a U32 array of a term. */
export function writeU32(values: ArrayLike<number>, target: Uint8Array): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let i = 0; i < values.length; i++) view.setUint32(i * 4, values[i]!, true);
}

/** Writes numbers as a U16 array of a term. */
export function writeU16(values: ArrayLike<number>, target: Uint8Array): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let i = 0; i < values.length; i++) view.setUint16(i * 2, values[i]!, true);
}
