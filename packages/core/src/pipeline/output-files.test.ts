import { describe, expect, it } from "vitest";
import { parseHeader } from "../safetensors/header.js";
import { layOutOutput, type OutputUnit } from "./output-files.js";

const UNITS: OutputUnit[] = [
  { name: "a", shard: "model-00001-of-00002.safetensors", tensors: [{ name: "a", dtype: "BF16", shape: [8] }] },
  {
    name: "b",
    shard: "model-00001-of-00002.safetensors",
    tensors: [
      { name: "b.terms.0.codes", dtype: "U8", shape: [100] },
      { name: "b.terms.0.scale", dtype: "F16", shape: [4] },
    ],
  },
  { name: "c", shard: "model-00002-of-00002.safetensors", tensors: [{ name: "c", dtype: "F32", shape: [5] }] },
];
const metadata = (units: readonly OutputUnit[]) => ({ units: units.map(({ name }) => name).join() });
const names = ({ files }: ReturnType<typeof layOutOutput>) => files.map(({ name }) => name);

describe("layOutOutput", () => {
  it("places every tensor once in one file, headers and sizes complete", () => {
    const { files, places } = layOutOutput(UNITS, { maxShardBytes: 1e9, keepSplit: false }, metadata);
    expect(files.map(({ name }) => name)).toEqual(["model.safetensors"]);
    const [file] = files;
    const header = parseHeader(file!.header, file!.byteLength);
    expect(header.metadata).toEqual({ units: "a,b,c" });
    for (const entry of header.entries) {
      const place = {
        file: "model.safetensors",
        byteOffset: header.dataStart + entry.begin,
        byteLength: entry.end - entry.begin,
      };
      expect(places.get(entry.name)).toEqual(place);
    }
    expect(places.size).toBe(4);
  });

  it("never divides a unit over two files, even where it exceeds the size", () => {
    const { places, files } = layOutOutput(UNITS, { maxShardBytes: 50, keepSplit: false }, metadata);
    expect(places.get("b.terms.0.codes")!.file).toBe(places.get("b.terms.0.scale")!.file);
    expect(files.at(-1)!.name).toBe("model.safetensors.index.json");
    const index = JSON.parse(new TextDecoder().decode(files.at(-1)!.header)) as { weight_map: Record<string, string> };
    for (const [tensor, place] of places) expect(index.weight_map[tensor]).toBe(place.file);
  });

  it("keeps the files of the input", () => {
    const output = layOutOutput(UNITS, { maxShardBytes: 1, keepSplit: true }, metadata);
    expect(names(output)).toEqual([
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
    ]);
  });

  it("writes one named file without an index where that is asked for", () => {
    expect(
      names(layOutOutput(UNITS, { maxShardBytes: 1, keepSplit: false, singleFile: "x.safetensors" }, metadata)),
    ).toEqual(["x.safetensors"]);
  });
});
