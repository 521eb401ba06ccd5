import { LowbitError } from "@lowbit/core/errors";
import { isFiniteArray } from "../forward/is-finite-array.js";
import type { Tensor } from "../forward/tensor.js";
import type { TextWindow } from "./window-plan.js";
import type { WindowRunner } from "./window-runner.js";

/** Runs a window again and names where the first NaN or infinity appears. */
export function notFiniteError(runner: WindowRunner, { index, inputs }: TextWindow): LowbitError {
  const place = findNotFinite(runner, inputs);
  const { name } = runner.model;
  return new LowbitError(
    "evaluate/non-finite",
    `${name}: the loss in window ${index} is not finite; NaN or infinite values begin in ${place}.`,
    { model: name, window: index, place },
  );
}

function findNotFinite(runner: WindowRunner, inputs: Uint32Array): string {
  const { model } = runner;
  let place: string | undefined;
  const note = (found: string, tensor: Tensor): void => {
    place ??= isFiniteArray(tensor.values) ? undefined : found;
  };
  const traced = runner.observed((layer, x, y) => {
    note(`the input of ${layer.name}`, x);
    note(`the output of ${layer.name}`, y);
  });
  const batch = { inputs, sequences: 1, length: inputs.length };
  try {
    let x = traced.embed(batch);
    note("the token embedding", x);
    for (const block of model.blocks) {
      if (place !== undefined) break;
      x = traced.block(block, x, batch);
      note(`the output of block ${block.index}`, x);
    }
    if (place === undefined) traced.head(x);
  } finally {
    traced.release();
  }
  return place ?? "the loss itself";
}
