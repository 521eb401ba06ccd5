import { isLowbitError, LowbitError } from "../errors/index.js";
import type { BackendName, KernelBackend } from "./kernel-backend.js";

/** A backend that the application can offer; core imports none itself. */
export interface BackendCandidate {
  readonly name: BackendName;
  create(): KernelBackend | Promise<KernelBackend>;
}

/** What became of a candidate: taken, or why not. Candidates after the one taken are not tried. */
export interface BackendAttempt {
  readonly name: BackendName;
  readonly taken: boolean;
  /** Why it was not taken. */
  readonly reason?: string;
}

export interface SelectedBackend {
  readonly backend: KernelBackend;
  /** In the order of trying: every better one with its reason, the taken one last. */
  readonly attempts: readonly BackendAttempt[];
}

/**
 * The first candidate that can be created, in the given order (native → wasm → reference), or the wished one.
 *
 * @param wish name of the only backend to accept
 * @param isa the only instruction set to accept, whatever the backend
 * @throws `backend/unavailable` with every reason when none can be created or the wished one cannot
 */
export async function selectBackend(
  candidates: readonly BackendCandidate[],
  wish?: string,
  isa?: string,
): Promise<SelectedBackend> {
  const accepted = wish === undefined ? candidates : candidates.filter(({ name }) => name === wish);
  if (accepted.length === 0) {
    const names = candidates.map(({ name }) => name);
    throw new LowbitError("backend/unavailable", `There is no backend "${wish}"; choose one of ${names.join(", ")}.`, {
      asked: wish ?? null,
      allowed: names,
    });
  }
  const attempts: BackendAttempt[] = [];
  for (const candidate of accepted) {
    const outcome = await tryCandidate(candidate, isa);
    if (typeof outcome !== "string") {
      return { backend: outcome, attempts: [...attempts, { name: candidate.name, taken: true }] };
    }
    attempts.push({ name: candidate.name, taken: false, reason: outcome });
  }
  throw unavailable(attempts, candidates, wish, isa);
}

/** The backend, or the reason why it cannot be had. Only our own errors are reasons: others are faults and are thrown. */
async function tryCandidate(candidate: BackendCandidate, isa: string | undefined): Promise<KernelBackend | string> {
  try {
    const backend = await candidate.create();
    if (isa === undefined || backend.isa === isa) return backend;
    backend.close();
    return `It runs on the instruction set "${backend.isa}", not "${isa}".`;
  } catch (error) {
    if (isLowbitError(error)) return error.message;
    throw error;
  }
}

function unavailable(
  attempts: readonly BackendAttempt[],
  candidates: readonly BackendCandidate[],
  wish: string | undefined,
  isa: string | undefined,
): LowbitError {
  const reasons = attempts.map(({ name, reason }) => `${name}: ${reason}`);
  const others = candidates.filter(({ name }) => name !== wish).map(({ name }) => `--backend ${name}`);
  const advice = [
    ...(isa === undefined ? [] : ["unset LOWBIT_ISA"]),
    ...(wish === undefined || others.length === 0 ? [] : [`use ${others.join(" or ")}`, "leave --backend out"]),
  ];
  return new LowbitError(
    "backend/unavailable",
    `No backend can run${wish === undefined ? "" : ` as asked (${wish})`}. ${reasons.join(" ")}` +
      (advice.length === 0 ? "" : ` You can ${advice.join(", or ")}.`),
    { asked: wish ?? null, reasons },
  );
}
