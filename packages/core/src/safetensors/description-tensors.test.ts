import { expect, it } from "vitest";
import { createMemorySource } from "../bytes/memory-source.js";
import { openFile } from "./open-file.js";
import { openShards } from "./open-sharded.js";
import { type TensorData, writeSafetensors } from "./write-safetensors.js";

const shape: TensorData = { name: "a.weight_shape", dtype: "I64", shape: [2], data: new Uint8Array(16).fill(1) };
const state: TensorData = {
  name: "b.weight.quant_state.bitsandbytes__nf4",
  dtype: "U8",
  shape: [3],
  data: Uint8Array.of(1, 2, 3),
};
const others: TensorData[] = [
  { name: "a.weight", dtype: "U8", shape: [2], data: new Uint8Array(2) },
  { name: "c.weight_shape", dtype: "F32", shape: [2], data: new Uint8Array(8) },
  { name: "d.weight_shape", dtype: "I64", shape: [513], data: new Uint8Array(4104) },
  { name: "weight_shape.bias", dtype: "I64", shape: [1], data: new Uint8Array(8) },
];

it("opening a checkpoint reads the small tensors that describe others, and no more", async () => {
  const expected = new Map([
    [shape.name, shape.data],
    [state.name, state.data],
  ]);
  const whole = await openFile(createMemorySource(writeSafetensors([shape, state, ...others])));
  expect(whole.descriptions).toEqual(expected);
  const files = new Map([
    ["1.safetensors", writeSafetensors([shape])],
    ["2.safetensors", writeSafetensors([state, ...others])],
  ]);
  const shards = await openShards(
    "m",
    [...files.keys()],
    async (name) => createMemorySource(files.get(name)!, name),
    {},
  );
  expect(shards.descriptions).toEqual(expected);
});
