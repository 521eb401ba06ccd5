import type { ActivationKind, KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectCloseFloats } from "../expectations.js";
import { ODD_LENGTHS, RandomData } from "../random-data.js";
import { LAYER_RELATIVE } from "../tolerances.js";

const KINDS: readonly ActivationKind[] = ["silu", "gelu", "gelu-tanh", "relu", "relu2"];

/** Across the spans that threads share, and beyond. */
const LENGTHS = [...ODD_LENGTHS, 4095, 4096, 4097, 10_000];

/** Every 16th of the steps from −12 to 12, where the functions bend, and the ends of the range. */
const BENDS = Float32Array.from({ length: 1537 }, (_, i) => -12 + i / 64);
const EXTREMES = Float32Array.of(0, -0, 1e-40, -1e-40, 20, -20, 88, -88, 104, -104, 3e4, -3e4, 3e38, -3e38);
const NOT_FINITE = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1);

type Run = (backend: KernelBackend, kind: ActivationKind, x: Float32Array, random: RandomData) => Float32Array[];

function elementCases(subject: () => KernelBackend, oracle: KernelBackend, run: Run): void {
  const compare = (kind: ActivationKind, x: Float32Array, relative = LAYER_RELATIVE) => {
    const actual = run(subject(), kind, x, new RandomData(x.length));
    const wanted = run(oracle, kind, x, new RandomData(x.length));
    for (const [i, found] of actual.entries()) expectCloseFloats(found, wanted[i]!, relative);
    return actual;
  };

  it.each(KINDS)("is close at every length and start for %s", (kind) => {
    const random = new RandomData(111);
    for (const length of LENGTHS) compare(kind, random.activations(length));
  });

  it.each(KINDS)("is close where %s bends and at the ends of the range", (kind) => {
    compare(kind, BENDS);
    compare(kind, EXTREMES);
  });

  it.each(KINDS)("takes NaN and infinities through %s", (kind) => {
    const [y] = compare(kind, NOT_FINITE);
    expect(y![0]).toBeNaN();
    expect(Number.isFinite(y![3])).toBe(true);
  });
}

export function activationCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  elementCases(subject, oracle, (backend, kind, x) => {
    const y = new Float32Array(x.length);
    backend.activation(kind, x, y);
    return [y];
  });

  it.each([
    ["silu", -80],
    ["gelu", -5],
    ["gelu-tanh", -5],
  ] as const)("keeps the relative precision of small results of %s down to %d", (kind, least) => {
    const x = Float32Array.from({ length: 400 }, (_, i) => (least * (i + 1)) / 400);
    const [actual, wanted] = [new Float32Array(400), new Float32Array(400)];
    subject().activation(kind, x, actual);
    oracle.activation(kind, x, wanted);
    for (let i = 0; i < 400; i++) expect(Math.abs(actual[i]! / wanted[i]! - 1)).toBeLessThan(2 * LAYER_RELATIVE);
  });

  it("may write over its input", () => {
    const x = new RandomData(112).activations(100);
    const wanted = new Float32Array(100);
    oracle.activation("silu", x, wanted);
    subject().activation("silu", x, x);
    expectCloseFloats(x, wanted, LAYER_RELATIVE);
  });
}

export function gatedActivationCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  elementCases(subject, oracle, (backend, kind, x, random) => {
    const y = new Float32Array(x.length);
    backend.gatedActivation(kind, x, bounded(random, x.length), y);
    return [y];
  });

  it.each(["gate", "up"] as const)("may write over its %s", (name) => {
    const random = new RandomData(113);
    const operands = { gate: random.activations(100), up: random.activations(100) };
    const wanted = new Float32Array(100);
    oracle.gatedActivation("gelu", operands.gate, operands.up, wanted);
    subject().gatedActivation("gelu", operands.gate, operands.up, operands[name]);
    expectCloseFloats(operands[name], wanted, LAYER_RELATIVE);
  });
}

export function activationGradientCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  elementCases(subject, oracle, (backend, kind, x, random) => {
    const [dy, dx] = [bounded(random, x.length), random.activations(x.length)];
    backend.activationGradient(kind, x, dy, dx);
    return [dx];
  });
}

export function gatedActivationGradientCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  elementCases(subject, oracle, (backend, kind, x, random) => {
    const [up, dy] = [bounded(random, x.length), bounded(random, x.length)];
    const [dGate, dUp] = [random.activations(x.length), random.activations(x.length)];
    backend.gatedActivationGradient(kind, x, up, dy, dGate, dUp);
    return [dGate, dUp];
  });
}

/** Factors of −1 … 1 without zeros, so that the largest results overflow in one order of multiplication as in the other. */
function bounded(random: RandomData, length: number): Float32Array {
  return Float32Array.from({ length }, () => (random.integer(0, 1) === 0 ? 1 : -1) * (0.5 + random.uniform() / 2));
}
