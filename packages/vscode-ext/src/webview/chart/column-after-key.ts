/** The column of a picture that a key leads to; undefined: the key leads nowhere. */
export function columnAfterKey(key: string, column: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: column + 1,
    ArrowLeft: column - 1,
    PageDown: column + 10,
    PageUp: column - 10,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined ? undefined : Math.min(count - 1, Math.max(0, next));
}
