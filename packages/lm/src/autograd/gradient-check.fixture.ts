import type { KernelBackend } from "@lowbit/core/backend";
import { ComputeOps } from "../forward/compute-ops.js";
import type { ForwardOps } from "../forward/forward-ops.js";
import type { Tensor } from "../forward/tensor.js";
import { TensorPool } from "../forward/tensor-pool.js";
import { seededRandom } from "../generate/random-source.js";
import { RecordingOps, type RecordingOptions } from "./recording-ops.js";
import { SummedGradients } from "./summed-gradients.js";

/** Some ops on some inputs, with parameters whose arrays may be changed. */
export interface DifferentiableCase {
  readonly name: string;
  readonly inputs: readonly { readonly values: Float32Array; readonly rows: number; readonly columns: number }[];
  /** By name in the checkpoint. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  run(ops: ForwardOps, inputs: readonly Tensor[]): Tensor;
}

/** Gradients by name; inputs are "input 0", "input 1", … */
export type Gradients = ReadonlyMap<string, Float32Array>;

/** Gradients of the projection Σ r ∘ output with a random r, by the tape. */
export function tapeGradients(
  { inputs, run }: DifferentiableCase,
  backend: KernelBackend,
  options: RecordingOptions = {},
): Gradients {
  const pool = new TensorPool(backend);
  const parameters = new SummedGradients(pool);
  const ops = new RecordingOps(backend, { parameters, ...options }, pool);
  const tensors = inputs.map((input) => place(input, pool));
  const output = run(ops, tensors);
  const weights = pool.allocate(output.rows, output.columns);
  weights.values.set(projection(output.values.length));
  const found = new Map<string, Float32Array>();
  for (const [i, gradient] of ops.backward(output, weights, tensors).entries()) {
    found.set(`input ${i}`, gradient.values.slice());
  }
  parameters.visit((name, _, gradient) => found.set(name, gradient.slice()));
  return found;
}

/** The same by central differences of step `step`, on the ops that just compute. */
export function differenceGradients(
  { inputs, parameters, run }: DifferentiableCase,
  backend: KernelBackend,
  step: number,
): Gradients {
  const project = (): number => {
    const pool = new TensorPool(backend);
    const ops = new ComputeOps(backend, {}, pool);
    const { values } = run(
      ops,
      inputs.map((input) => place(input, pool)),
    );
    const weights = projection(values.length);
    return values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  };
  const changing = [...inputs.map(({ values }, i) => [`input ${i}`, values] as const), ...parameters];
  return new Map(changing.map(([name, values]) => [name, centralDifferences(values, step, project)]));
}

/** (f(v + h) − f(v − h)) / 2h for every element v, with the h that f32 really takes. */
export function centralDifferences(values: Float32Array, step: number, f: () => number): Float32Array {
  return Float32Array.from(values, (value, i) => {
    values[i] = value + step;
    const [above, up] = [values[i]!, f()];
    values[i] = value - step;
    const [below, down] = [values[i]!, f()];
    values[i] = value;
    return (up - down) / (above - below);
  });
}

/** ‖found − expected‖ / ‖expected‖. */
export function relativeError(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const norm = (at: (i: number) => number) => Math.sqrt(expected.reduce((sum, _, i) => sum + at(i) ** 2, 0));
  const size = norm((i) => expected[i]!);
  const difference = norm((i) => found[i]! - expected[i]!);
  return size === 0 ? difference : difference / size;
}

/** `count` values between −scale and scale, the same for the same seed. */
export function someValues(count: number, seed: number, scale = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => (2 * random() - 1) * scale);
}

const projection = (count: number) => someValues(count, 99);

function place({ values, rows, columns }: DifferentiableCase["inputs"][number], pool: TensorPool): Tensor {
  const tensor = pool.allocate(rows, columns);
  tensor.values.set(values);
  return tensor;
}
