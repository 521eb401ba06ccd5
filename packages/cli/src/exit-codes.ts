/** The contract with scripts; docs/cli.md prints this table. */
export const EXIT_CODES = {
  /** Done. */
  ok: 0,
  /** The command ran and its answer is "no": files differ, a header is invalid. */
  difference: 1,
  /** The command line is wrong: unknown command, option or value. */
  usage: 2,
  /** The work could not be done; the error code says why. */
  failure: 3,
  /** Ended by Ctrl-C or SIGTERM; `quantize`, `dequantize` and `convert` to GGUF go on with --resume. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
