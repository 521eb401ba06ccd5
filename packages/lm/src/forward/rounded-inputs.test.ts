import { createReferenceBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { RoundedInputs } from "./rounded-inputs.js";
import { TensorPool } from "./tensor-pool.js";

function rounding() {
  const backend = createReferenceBackend();
  let count = 0;
  const quantizeActivations: typeof backend.quantizeActivations = (...args) => {
    count++;
    backend.quantizeActivations(...args);
  };
  const pool = new TensorPool(backend);
  return { context: { backend: { ...backend, quantizeActivations }, pool }, pool, count: () => count };
}

it("rounds a tensor once while it is read, and again once it was forgotten or another was read", () => {
  const { context, pool, count } = rounding();
  const inputs = new RoundedInputs();
  const [a, b] = [pool.allocate(1, 4), pool.allocate(1, 4)];
  a.values.set([1, 2, 3, 7]);
  b.values.set([-7, 4, 2, 1]);
  expect([...inputs.of(a, 8, context).activations().codes]).toEqual([18, 36, 54, 127]);
  inputs.of(a, 8, context);
  expect(count()).toBe(1);
  expect([...inputs.of(a, 4, context).activations().codes]).toEqual([1, 2, 3, 7]);
  expect([...inputs.of(b, 4, context).activations().codes]).toEqual([-7, 4, 2, 1]);
  inputs.forget(a);
  inputs.of(b, 4, context);
  expect(count()).toBe(3);
  inputs.forget(b);
  inputs.of(b, 4, context);
  expect(count()).toBe(4);
});

it("gives its memory back", () => {
  const { context, pool } = rounding();
  const inputs = new RoundedInputs();
  const a = pool.allocate(1, 4);
  const before = pool.heldBytes;
  inputs.of(a, 8, context).asFloats();
  inputs.forget(a);
  pool.trim();
  expect(pool.heldBytes).toBe(before);
});
