// Writes every attack to a directory, for trying other readers: node attacks/write.mjs DIRECTORY
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GGUF_ATTACKS, GGUF_MODEL_ATTACKS, HEADER_ATTACKS, MODEL_ATTACKS } from "./index.mjs";

const directory = process.argv[2];
if (directory === undefined) {
  console.error("usage: node attacks/write.mjs DIRECTORY");
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
const list = [];
for (const { name, bytes, code, reference, why } of HEADER_ATTACKS) {
  const path = `${name}.safetensors`;
  writeFileSync(join(directory, path), bytes);
  list.push({ path, code, ...(reference && { reference, why }) });
}
for (const { name, bytes, code, reference, why } of GGUF_ATTACKS) {
  const path = `${name}.gguf`;
  writeFileSync(join(directory, path), bytes);
  list.push({ path, code, ...(reference && { reference, why }) });
}
for (const { name, files, code, open } of [...MODEL_ATTACKS, ...GGUF_MODEL_ATTACKS]) {
  mkdirSync(join(directory, name), { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(directory, name, file), bytes);
  list.push({ path: open === undefined ? name : `${name}/${open}`, code });
}
writeFileSync(join(directory, "expected.json"), `${JSON.stringify(list, null, 2)}\n`);
console.log(`${list.length} attacks written to ${directory}; expected.json says what each must answer.`);
