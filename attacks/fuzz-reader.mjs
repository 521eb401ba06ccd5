import { fuzzInput, randomOf } from "./fuzz-inputs.mjs";
import { check, checkFirstProblem, fuzzRun, showBytes, watchedSource } from "./fuzz-run.mjs";

const DTYPE_OF_ALIAS = { FP4: "F4" };

/**
 * Tries `count` inputs on a reader. Every input must be read, with a result that agrees with `JSON.parse` and covers
 * the file exactly, or refused with an error code of the list; nothing may be allocated beyond the size of the input.
 * @param reader `parseHeader`, `readHeaderBytes`, `validateHeader`, `readShardIndex`, `isLowbitError`, `ERROR_CODES`
 * of `@lowbit/core`
 * @returns how many inputs were read and refused (by code), and the slowest input in CPU time
 */
export function fuzzReader(reader, options) {
  return fuzzRun(reader, options, {
    inputOf: (seed) => fuzzInput(randomOf(seed)),
    tryInput: (input) => (input.kind === "file" ? tryFile(reader, input) : tryIndex(reader, input)),
    describe: ({ kind, bytes, ...rest }) => `${kind} ${JSON.stringify(rest)} ${showBytes(bytes)}`,
  });
}

async function tryFile(reader, { bytes, fileSize }) {
  const head = await reader.readHeaderBytes(watchedSource(bytes, fileSize));
  const problems = reader.validateHeader(head, fileSize);
  let header;
  try {
    header = reader.parseHeader(head, fileSize);
  } catch (error) {
    if (reader.isLowbitError(error)) checkFirstProblem(problems, error, "validateHeader");
    throw error;
  }
  check(problems.length === 0, "validateHeader finds a problem where the reader finds none");
  agreesWithJson(header, JSON.parse(new TextDecoder().decode(head.subarray(8))));
  let covered = 0;
  for (const { begin, end } of header.entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    check(begin === covered && end >= begin, "the tensors do not cover the file");
    covered = end;
  }
  check(header.dataStart + covered === fileSize, "the tensors do not end at the end of the file");
}

function agreesWithJson(header, json) {
  const { __metadata__: metadata, ...tensors } = json;
  check(sameText(Object.entries(header.metadata), Object.entries(metadata ?? {})), "metadata differs from JSON.parse");
  const expected = Object.entries(tensors).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [begin, end],
      },
    ]) => [name, DTYPE_OF_ALIAS[dtype] ?? dtype, shape, begin, end],
  );
  const found = header.entries.map(({ name, dtype, shape, begin, end }) => [name, dtype, shape, begin, end]);
  check(sameText(found.sort(byName), expected.sort(byName)), "the tensors differ from JSON.parse");
}

const byName = ([a], [b]) => (a < b ? -1 : 1);
const sameText = (a, b) => JSON.stringify(a.toSorted()) === JSON.stringify(b.toSorted());

async function tryIndex(reader, { bytes, pieceBytes }) {
  const index = await reader.readShardIndex(watchedSource(bytes, bytes.length), { pieceBytes });
  const json = JSON.parse(new TextDecoder().decode(bytes));
  check(sameText([...index.shardOf], Object.entries(json.weight_map)), "the index differs from JSON.parse");
}
