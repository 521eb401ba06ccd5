import { createReferenceBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { type DecodingOptions, DecodingSession } from "./decoding-session.js";
import { randomModel, someTokens } from "./random-model.fixture.js";

const BACKEND = createReferenceBackend();

function logits(model = randomModel(), options: Partial<DecodingOptions> = {}): number[] {
  const session = new DecodingSession(model, BACKEND, { capacity: 8, ...options });
  session.extend(someTokens(5));
  return [...session.next(someTokens(6).subarray(5))];
}

it("rounds activations as the model was trained, or as the call says", () => {
  const trained = randomModel({ activations: { bits: 8 } });
  expect(logits(trained)).toEqual(logits(undefined, { activationBits: 8 }));
  expect(logits(trained)).not.toEqual(logits());
  expect(logits(trained, { activationBits: 4 })).not.toEqual(logits(trained));
});

it("gives the same logits in one pass and after extending", () => {
  const session = new DecodingSession(randomModel(), BACKEND, { capacity: 8 });
  const atOnce = session.next(someTokens(6));
  logits().forEach((logit, i) => {
    expect(atOnce[i]).toBeCloseTo(logit, 4);
  });
  expect(session.cache.length).toBe(6);
});
