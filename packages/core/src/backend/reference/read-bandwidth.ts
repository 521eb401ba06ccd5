import { bandwidthRows } from "../check-multiply.js";

export function readBandwidth(source: Uint8Array): number {
  bandwidthRows(source);
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let sum = 0;
  for (let at = 0; at < source.length; at += 4) sum = (sum + view.getInt32(at, true)) | 0;
  return sum;
}
