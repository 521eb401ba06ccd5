/** Globs as they are entered: one a line, or several parted by commas. Blank ones and repetitions are dropped. */
export function readKeepGlobs(text: string): readonly string[] {
  const globs = text
    .split(/[\n,]/)
    .map((glob) => glob.trim())
    .filter((glob) => glob !== "");
  return [...new Set(globs)];
}
