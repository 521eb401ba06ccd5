import { spawnSync } from "node:child_process";
import { closeSync, cpSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { HEADER_ATTACKS } from "../../../attacks/index.mjs";

const ROOT: string = join(import.meta.dirname, "..", "..", "..");
const BUNDLED: string = join(ROOT, "examples", "tiny-llama");
const COMMAND: string = join(ROOT, "packages", "cli", "dist", "main.js");
const SIDE_FILES = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"];

/** Malformed files of the foundation that the tests open; each shows its code and, where there is one, its position. */
export const HOSTILE = [
  "duplicate-tensor",
  "length-max-u64",
  "length-one-past-end",
  "data-one-byte-short",
  "deep-nesting",
  "empty-file",
] as const;

/** What an attacker would write into names and metadata: a page that takes it for HTML runs it. */
export const HTML_NAME = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

/**
 * The models that the tests open:
 *   tiny/       the bundled model          sharded/   the same in three files with an index
 *   quantized/  the same in 4 bits         large/     1.1 GB of zeros without a block on the disk
 *   hostile/    malformed files, and one that is sound but for the HTML in its names
 */
export function makeWorkspace(workspace: string): void {
  for (const folder of ["tiny", "sharded", "large", "hostile", "out"])
    mkdirSync(join(workspace, folder), { recursive: true });
  for (const file of [...SIDE_FILES, "model.safetensors"]) cpSync(join(BUNDLED, file), join(workspace, "tiny", file));
  for (const file of SIDE_FILES) cpSync(join(BUNDLED, file), join(workspace, "sharded", file));
  writeShards(join(workspace, "tiny", "model.safetensors"), join(workspace, "sharded"), 3);
  quantize(join(workspace, "tiny"), join(workspace, "quantized"));
  writeZeros(join(workspace, "large", "model.safetensors"), 12);
  for (const name of HOSTILE) {
    const attack = HEADER_ATTACKS.find((each) => each.name === name);
    if (attack === undefined) throw new Error(`there is no attack ${name}`);
    writeFileSync(join(workspace, "hostile", `${name}.safetensors`), attack.bytes);
  }
  writeFileSync(join(workspace, "hostile", "html.safetensors"), htmlFile(false));
  writeFileSync(join(workspace, "hostile", "html-broken.safetensors"), htmlFile(true));
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A file as the format describes it, written without the code under test. */
export function safetensorsFile(header: Readonly<Record<string, unknown>>, data: Uint8Array): Uint8Array {
  const text = JSON.stringify(header);
  const padded = new TextEncoder().encode(text + " ".repeat((8 - (text.length % 8)) % 8));
  const file = new Uint8Array(8 + padded.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded.length), true);
  file.set(padded, 8);
  file.set(data, 8 + padded.length);
  return file;
}

export function readSafetensors(path: string): {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly data: Uint8Array;
} {
  const file = readFileSync(path);
  const headerBytes = Number(file.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = JSON.parse(file.toString("utf8", 8, 8 + headerBytes)) as Record<string, Entry>;
  return { entries: new Map(Object.entries(header)), data: file.subarray(8 + headerBytes) };
}

/** One value of a bf16 tensor. */
export function bf16At(path: string, name: string, row: number, column: number): number {
  const { entries, data } = readSafetensors(path);
  const entry = entries.get(name);
  if (entry?.dtype !== "BF16") throw new Error(`${name} is ${entry?.dtype ?? "not there"}, not BF16`);
  const at = entry.data_offsets[0] + 2 * (row * (entry.shape[1] ?? 1) + column);
  const view = new DataView(new ArrayBuffer(4));
  view.setUint8(3, data[at + 1] ?? 0);
  view.setUint8(2, data[at] ?? 0);
  return view.getFloat32(0, true);
}

function writeShards(path: string, folder: string, count: number): void {
  const { entries, data } = readSafetensors(path);
  const names = [...entries.keys()];
  const weight_map: Record<string, string> = {};
  for (let shard = 0; shard < count; shard++) {
    const file = `model-${String(shard + 1).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.safetensors`;
    const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (const name of names.filter((_, index) => Math.floor((index * count) / names.length) === shard)) {
      const entry = entries.get(name)!;
      const bytes = data.subarray(...entry.data_offsets);
      header[name] = { ...entry, data_offsets: [offset, offset + bytes.length] };
      weight_map[name] = file;
      parts.push(bytes);
      offset += bytes.length;
    }
    writeFileSync(join(folder, file), safetensorsFile(header, Buffer.concat(parts)));
  }
  const index = { metadata: { total_size: data.length }, weight_map };
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify(index, undefined, 2));
}

function quantize(input: string, output: string): void {
  const args = [COMMAND, "quantize", input, output, "--method", "rtn", "--bits", "4", "--group", "64"];
  const run = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 120_000 });
  if (run.status !== 0) throw new Error(`lowbit quantize failed:\n${run.stdout}${run.stderr}`);
}

/** Matrices of a large model whose bytes are a hole in the file. */
export function writeZeros(path: string, matrices: number, rows: number = 4096, columns: number = 11008): void {
  const header: Record<string, unknown> = {};
  for (let at = 0; at < matrices; at++)
    header[`model.layers.${at}.mlp.down_proj.weight`] = {
      dtype: "BF16",
      shape: [rows, columns],
      data_offsets: [2 * at * rows * columns, 2 * (at + 1) * rows * columns],
    };
  const start = safetensorsFile(header, new Uint8Array(0));
  const file = openSync(path, "w");
  writeSync(file, start);
  ftruncateSync(file, start.length + 2 * matrices * rows * columns);
  closeSync(file);
}

function htmlFile(isBroken: boolean): Uint8Array {
  const header = {
    __metadata__: { description: HTML_NAME, [HTML_NAME]: "value" },
    [HTML_NAME]: { dtype: "F32", shape: [2, 2], data_offsets: [0, isBroken ? 12 : 16] },
  };
  return safetensorsFile(header, new Uint8Array(16));
}
