import picomatch from "picomatch";

/** Which tensors a pattern of the command line means: `--skip`. */
export function tensorGlob(pattern: string): (name: string) => boolean {
  return picomatch(pattern, { bash: true });
}
