import { LowbitError } from "../../errors/index.js";
import { requestFailed } from "./hub-request.js";

/**
 * The whole body of an answer that must be small.
 * @throws `hub/bad-answer` when it is longer than `maxBytes`, `hub/unreachable` when it breaks off, `hub/aborted`
 */
export async function readBody(
  response: Response,
  what: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of response.body ?? []) {
      length += piece.byteLength;
      if (length > maxBytes) break;
      pieces.push(piece);
    }
  } catch (cause) {
    throw requestFailed(what, cause, signal);
  }
  if (length > maxBytes) {
    throw new LowbitError("hub/bad-answer", `${what}: the answer has more than ${maxBytes} bytes.`, {
      what,
      allowed: maxBytes,
    });
  }
  const body = new Uint8Array(length);
  let position = 0;
  for (const piece of pieces) {
    body.set(piece, position);
    position += piece.byteLength;
  }
  return body;
}
