import { createReferenceBackend, type KernelBackend, type OpName } from "@lowbit/core/backend";
import { afterAll, beforeAll, describe } from "vitest";
import { ALL_CASES, type OpCases } from "./cases/all-cases.js";
import { wrongSizeCases } from "./wrong-sizes.js";

/**
 * Runs the cases of every op against a backend, with the reference as oracle. The backend may be created
 * asynchronously; cases reach it through a function, once tests run. `only` narrows the suite to some ops.
 */
export function defineBackendConformance(
  name: string,
  create: () => KernelBackend | Promise<KernelBackend>,
  only: readonly string[] = opsFromEnvironment(),
): void {
  const unknown = only.filter((op) => !(op in ALL_CASES));
  if (unknown.length > 0) throw new Error(`The conformance suite has no cases for ${unknown.join(", ")}.`);
  describe(`conformance of ${name}`, () => {
    let backend: KernelBackend | undefined;
    beforeAll(async () => {
      backend = await create();
    });
    afterAll(() => backend?.close());
    const subject = () => backend!;
    const oracle = createReferenceBackend();
    for (const [op, cases] of Object.entries<OpCases>(ALL_CASES)) {
      if (only.length > 0 && !only.includes(op)) continue;
      describe(op, () => {
        cases(subject, oracle);
        wrongSizeCases(op as OpName, subject);
      });
    }
  });
}

/** LOWBIT_CONFORMANCE_OPS="affineFit,signFit" narrows a run by hand. */
function opsFromEnvironment(): string[] {
  return (process.env["LOWBIT_CONFORMANCE_OPS"] ?? "").split(",").filter((op) => op !== "");
}
