/** Every wait of the tests, in milliseconds; machines under load are slow. */
export const PATIENCE = 60_000;

/** Waits until `holds` answers true; also outside of tests, where `expect.poll` cannot be used. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
