import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export { llamaRounding, type RoundInputs } from "./llama-rounding.ts";

/** Why llama.cpp cannot be asked on this machine; undefined: it can. */
export const LLAMA_MISSING: string | undefined = findMissing();

/** llama.cpp ended with an error or aborted; the message ends in what it printed. */
export class LlamaError extends Error {}

type Request = { readonly paths: readonly string[] } & (
  | { readonly texts: readonly string[] }
  | { readonly sequences: readonly (readonly number[])[] }
);

const CHILD = fileURLToPath(new URL("llama-child.mjs", import.meta.url));
const LONGEST_MS = 180_000;

/**
 * Logits [ids, vocabulary] as llama.cpp computes them on the CPU with keys and values kept in F32. It rounds the inputs of a
 * matrix as the type of the matrix demands: to F16, or to 8 bits in blocks of 32 or of 256.
 * @param path a GGUF file
 * @param ids no more than the model's context
 * @throws LlamaError
 */
export async function llamaLogits(path: string, ids: readonly number[]): Promise<Float32Array> {
  return (await llamaLogitsOfEach([path], [ids]))[0]!;
}

/**
 * Logits of several models with one vocabulary, by one process: faster, and an abort ends all.
 * @param sequences each is computed by itself
 * @returns for each path the logits [all ids, vocabulary], sequence after sequence
 */
export async function llamaLogitsOfEach(
  paths: readonly string[],
  sequences: readonly (readonly number[])[],
): Promise<readonly Float32Array[]> {
  const bytes = await ask({ paths, sequences });
  const size = bytes.length / paths.length;
  return paths.map((_, place) => {
    const begin = bytes.byteOffset + place * size;
    return new Float32Array(bytes.buffer.slice(begin, begin + size));
  });
}

/**
 * Token ids of each text; special tokens in a text are recognised, none are added around it.
 * @param path a GGUF file; its weights are not read
 * @throws LlamaError
 */
export async function llamaTokenize(path: string, texts: readonly string[]): Promise<readonly number[][]> {
  return (await llamaTokenizeEach([path], texts))[0]!;
}

/** The same with several files, by one process: faster, and an abort ends all. */
export async function llamaTokenizeEach(
  paths: readonly string[],
  texts: readonly string[],
): Promise<readonly (readonly number[][])[]> {
  const lines = (await ask({ paths, texts })).toString().trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as number[][]);
}

async function ask(request: Request): Promise<Buffer> {
  const child = spawn(process.execPath, [CHILD], {
    stdio: ["pipe", "ignore", "pipe", "pipe"],
    timeout: LONGEST_MS,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? String(code)));
  });
  const [input, , errors, answer] = child.stdio;
  // A child that aborts early closes the pipe; how it ended says more.
  input!.on("error", () => {}).end(JSON.stringify(request));
  const [bytes, printed, end] = await Promise.all([buffer(answer as NonNullable<typeof errors>), text(errors!), ended]);
  if (end !== "0")
    throw new LlamaError(`llama.cpp ended with ${end} on ${request.paths.join(", ")}: ${printed.slice(-2000)}`);
  return bytes;
}

/** The npm package holds llama.cpp in one optional package a platform; only that of Linux x64 is installed here. */
function findMissing(): string | undefined {
  const { platform, arch } = process;
  if (platform !== "linux" || arch !== "x64")
    return `llama.cpp is tested on linux-x64, this machine is ${platform}-${arch}`;
  const library = createRequire(import.meta.url).resolve("node-llama-cpp");
  const binary = join(dirname(library), "..", "..", "@node-llama-cpp", "linux-x64", "package.json");
  return existsSync(binary) ? undefined : "the npm package @node-llama-cpp/linux-x64 is not installed";
}
