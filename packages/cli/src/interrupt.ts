/**
 * A signal that Ctrl-C and SIGTERM abort, so that the work ends cleanly (`pipeline/aborted`, exit code 130). A second
 * Ctrl-C ends the process at once; unfinished output stays resumable in either case.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      process.once(name, () => process.exit(130));
      controller.abort();
    });
  }
  return controller.signal;
}
