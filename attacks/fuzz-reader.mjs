import { fuzzInput, randomOf } from "./fuzz-inputs.mjs";

const DTYPE_OF_ALIAS = { FP4: "F4" };

/**
 * Tries `count` inputs on a reader. Every input must be read, with a result that agrees with `JSON.parse` and covers
 * the file exactly, or refused with an error code of the list; nothing may be allocated beyond the size of the input.
 * @param reader `parseHeader`, `readHeaderBytes`, `validateHeader`, `readShardIndex`, `isLowbitError`, `ERROR_CODES`
 * of `@lowbit/core`
 * @returns how many inputs were read and refused (by code), and the slowest input in CPU time
 */
export async function fuzzReader(reader, { seed, count }) {
  const outcome = { seed, count, read: 0, refused: {}, slowestMs: 0, slowestInput: -1 };
  for (let number = 0; number < count; number++) {
    const input = fuzzInput(randomOf(seed * 1_000_003 + number));
    const start = process.cpuUsage();
    try {
      if (input.kind === "file") await tryFile(reader, input);
      else await tryIndex(reader, input);
      outcome.read++;
    } catch (error) {
      if (!reader.isLowbitError(error) || !(error.code in reader.ERROR_CODES)) {
        throw new Error(`input ${number} of seed ${seed}: ${describe(input)}`, { cause: error });
      }
      outcome.refused[error.code] = (outcome.refused[error.code] ?? 0) + 1;
    }
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    if (took > outcome.slowestMs) Object.assign(outcome, { slowestMs: took, slowestInput: number });
  }
  return outcome;
}

async function tryFile(reader, { bytes, fileSize }) {
  const head = await reader.readHeaderBytes(watchedSource(bytes, fileSize));
  const problems = reader.validateHeader(head, fileSize);
  let header;
  try {
    header = reader.parseHeader(head, fileSize);
  } catch (error) {
    if (reader.isLowbitError(error)) {
      check(problems.length > 0, `validateHeader finds nothing where the reader says ${error.code}`);
      check(problems[0].code === error.code, `the first problem is ${problems[0].code}, the reader says ${error.code}`);
    }
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

/** Zeros follow the bytes up to `size`. A read beyond the bytes at hand allocates what the file cannot justify. */
function watchedSource(bytes, size) {
  return {
    name: "fuzz",
    byteLength: size,
    async read(offset, target) {
      check(offset + target.byteLength <= size, "a read goes beyond the file");
      check(target.buffer.byteLength <= size, "a buffer is larger than the file");
      target.fill(0);
      if (offset < bytes.length) target.set(bytes.subarray(offset, Math.min(bytes.length, offset + target.byteLength)));
    },
    async close() {},
  };
}

function check(holds, complaint) {
  if (!holds) throw new Error(complaint);
}

function describe({ kind, bytes, ...rest }) {
  return `${kind} ${JSON.stringify(rest)} ${JSON.stringify(new TextDecoder("latin1").decode(bytes.subarray(0, 2000)))}`;
}
