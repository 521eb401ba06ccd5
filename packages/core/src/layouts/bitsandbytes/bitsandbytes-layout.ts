import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import type { CheckpointLayout, StoredQuantizedWeight } from "../logical-weight.js";
import { partner } from "../partner-tensors.js";
import { eightBitWeight } from "./eight-bit-weight.js";
import { fourBitWeight } from "./four-bit-weight.js";

const LAYOUT = "bitsandbytes";

/** Weights as bitsandbytes stores them: NF4 and FP4 with their state as JSON, and LLM.int8(). */
export const bitsandbytesLayout: CheckpointLayout = {
  name: LAYOUT,
  recognise(checkpoint) {
    const weights: StoredQuantizedWeight[] = [];
    for (const tensor of checkpoint.tensors) {
      const weight = readWeight(checkpoint, tensor);
      if (weight !== undefined) weights.push(weight);
    }
    return weights;
  },
};

/** Ends of the names that mean something here; tried before the longer expressions. */
const ENDING = /\.(?:absmax|weight_format|SCB|quant_state\.bitsandbytes__(?:nf4|fp4))$/;

function readWeight(checkpoint: Checkpoint, tensor: CheckpointTensor): StoredQuantizedWeight | undefined {
  if (!ENDING.test(tensor.name)) return undefined;
  const state = /^(.+)\.quant_state\.bitsandbytes__(nf4|fp4)$/.exec(tensor.name);
  if (state) return fourBitWeight(checkpoint, state[1]!, state[2]!, tensor);
  const scales = /^(.+)\.absmax$/.exec(tensor.name);
  if (scales) checkState(checkpoint, scales[1]!);
  const format = /^(.+)\.weight_format$/.exec(tensor.name);
  if (format) partner(checkpoint, LAYOUT, `${format[1]!}.weight`, `${format[1]!}.SCB`);
  const rows = /^(.+)\.SCB$/.exec(tensor.name);
  return rows ? eightBitWeight(checkpoint, rows[1]!, tensor) : undefined;
}

/** Scales without a state belong to no weight that can be read. */
function checkState(checkpoint: Checkpoint, name: string): void {
  const states = ["nf4", "fp4"].map((type) => `${name}.quant_state.bitsandbytes__${type}`);
  if (states.every((state) => checkpoint.tensor(state) === undefined)) partner(checkpoint, LAYOUT, name, states[0]!);
}
