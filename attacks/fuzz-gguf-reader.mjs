import { fuzzGgufInput } from "./fuzz-gguf-inputs.mjs";
import { randomOf } from "./fuzz-inputs.mjs";
import { check, checkFirstProblem, fuzzRun, showBytes, watchedSource } from "./fuzz-run.mjs";
import { readTrustingly } from "./read-trustingly.mjs";

/**
 * Tries `count` inputs on the GGUF reader. Every input must be read, with a result that agrees with a plain parser that
 * trusts every byte, and tensors that lie behind each other inside the file, or be refused with an error code of the
 * list; nothing may be allocated beyond the size of the file.
 * @param reader `readGgufHeader`, `validateGguf`, `isLowbitError`, `ERROR_CODES` of `@lowbit/core`
 * @returns how many inputs were read and refused (by code), and the slowest input in CPU time
 */
export function fuzzGgufReader(reader, options) {
  return fuzzRun(reader, options, {
    inputOf: (seed) => fuzzGgufInput(randomOf(seed)),
    tryInput: (input) => tryInput(reader, input),
    describe: ({ bytes }) => showBytes(bytes),
  });
}

async function tryInput(reader, { bytes, fileSize, pieceBytes }) {
  const source = watchedSource(bytes, fileSize);
  const problems = await reader.validateGguf(source, { pieceBytes });
  let header;
  try {
    header = await reader.readGgufHeader(source, { pieceBytes });
  } catch (error) {
    if (reader.isLowbitError(error)) checkFirstProblem(problems, error, "validateGguf");
    throw error;
  }
  const late = new Set(["gguf/trailing-bytes", "gguf/bool-value", "gguf/text-utf8"]);
  check(
    problems.every(({ code }) => late.has(code)),
    "validateGguf finds a problem where the reader finds none",
  );
  agreesWithTrust(header, readTrustingly(bytes, fileSize), problems.length > 0);
  let end = header.dataStart;
  for (const { byteOffset, byteLength } of header.tensors) {
    check(byteOffset === end, "a tensor does not begin where the one before it ends");
    check(byteOffset + byteLength <= fileSize, "a tensor ends behind the file");
    end =
      Math.ceil((byteOffset + byteLength - header.dataStart) / header.alignment) * header.alignment + header.dataStart;
  }
}

function agreesWithTrust(header, trusted, arraysAreFaulty) {
  const tensors = header.tensors.map(({ name, shape, typeId, byteOffset }) => ({
    name,
    sizes: [...shape].reverse(),
    typeId,
    offset: byteOffset - header.dataStart,
  }));
  check(JSON.stringify(tensors) === JSON.stringify(trusted.tensors), "the tensors differ from a plain parser's");
  check(header.version === trusted.version, "the version differs from a plain parser's");
  check([...header.metadata.keys()].join() === trusted.pairs.map(([key]) => key).join(), "the keys differ");
  for (const [key, value] of trusted.pairs) {
    const found = header.metadata.get(key);
    if (Array.isArray(value)) {
      check(found.length === value.length, `the length of ${key} differs`);
      if (!arraysAreFaulty) check(sameValue(found.values, value), `the elements of ${key} differ`);
    } else check(sameValue(found.value, value), `the value of ${key} differs`);
  }
}

/** Integers may be numbers on one side and bigints on the other. */
function sameValue(one, other) {
  const show = (value) => JSON.stringify(value, (_, part) => (typeof part === "object" ? part : String(part)));
  return show(one) === show(other);
}
