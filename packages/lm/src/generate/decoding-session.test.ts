import { createReferenceBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import { DecodingSession } from "./decoding-session.js";
import { randomModel, someTokens } from "./random-model.fixture.js";

describe("DecodingSession", () => {
  it("refuses no tokens, and more than it has room for, and stays usable", () => {
    const session = new DecodingSession(randomModel(), createReferenceBackend(), { capacity: 4 });
    const refused = (code: string) => expect.objectContaining({ code });
    expect(() => session.next(new Uint32Array(0))).toThrow(refused("generate/empty-prompt"));
    session.extend(someTokens(3));
    expect(() => session.next(someTokens(2))).toThrow(refused("generate/cache-full"));
    expect(session.next(someTokens(1)).every(Number.isFinite)).toBe(true);
    session.close();
  });
});
