/**
 * A GGUF header as the specification describes it, read by a parser that checks nothing and may run off the end: what
 * a careful reader must agree with wherever it accepts a file.
 */
export function readTrustingly(bytes, fileSize) {
  // The file goes on with zeros that are not at hand.
  const padded = new Uint8Array(fileSize);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  let position = 4;
  const step = (count) => {
    position += count;
    return position - count;
  };
  const u32 = () => view.getUint32(step(4), true);
  const u64 = () => Number(view.getBigUint64(step(8), true));
  const text = () => {
    const length = u64();
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(padded.subarray(step(length), position));
  };
  const values = {
    0: () => view.getUint8(step(1)),
    1: () => view.getInt8(step(1)),
    2: () => view.getUint16(step(2), true),
    3: () => view.getInt16(step(2), true),
    4: u32,
    5: () => view.getInt32(step(4), true),
    6: () => view.getFloat32(step(4), true),
    7: () => view.getUint8(step(1)) !== 0,
    8: text,
    9: () => {
      const element = values[u32()];
      return Array.from({ length: u64() }, () => element());
    },
    10: () => view.getBigUint64(step(8), true),
    11: () => view.getBigInt64(step(8), true),
    12: () => view.getFloat64(step(8), true),
  };
  const version = u32();
  const tensorCount = u64();
  const pairCount = u64();
  const pairs = Array.from({ length: pairCount }, () => [text(), values[u32()]()]);
  const tensors = Array.from({ length: tensorCount }, () => {
    const name = text();
    const sizes = Array.from({ length: u32() }, () => u64());
    return { name, sizes, typeId: u32(), offset: u64() };
  });
  return { version, pairs, tensors };
}
