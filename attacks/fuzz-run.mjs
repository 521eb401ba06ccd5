/**
 * Tries `count` inputs on a reader: each must be taken, or refused with an error code of the list.
 * @param reader `isLowbitError`, `ERROR_CODES` of `@lowbit/core`
 * @param inputOf the input of a number
 * @param tryInput throws what the reader throws, or what the reader does wrong
 * @param describe an input in words, for the error that ends the run
 * @returns how many inputs were read and refused (by code), and the slowest input in CPU time
 */
export async function fuzzRun(reader, { seed, count }, { inputOf, tryInput, describe }) {
  const outcome = { seed, count, read: 0, refused: {}, slowestMs: 0, slowestInput: -1 };
  for (let number = 0; number < count; number++) {
    const input = inputOf(seed * 1_000_003 + number);
    const start = process.cpuUsage();
    try {
      await tryInput(input);
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

/** The problems that a validator lists begin with what the reader throws. */
export function checkFirstProblem(problems, error, validator) {
  check(problems.length > 0, `${validator} finds nothing where the reader says ${error.code}`);
  check(problems[0].code === error.code, `the first problem is ${problems[0].code}, the reader says ${error.code}`);
}

/** Zeros follow the bytes up to `size`. A buffer beyond the file holds what the file cannot justify. */
export function watchedSource(bytes, size) {
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

export function check(holds, complaint) {
  if (!holds) throw new Error(complaint);
}

/** The first bytes of an input as text. */
export function showBytes(bytes) {
  return JSON.stringify(new TextDecoder("latin1").decode(bytes.subarray(0, 2000)));
}
