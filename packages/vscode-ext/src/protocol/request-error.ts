import type { RequestFailure } from "./envelope.js";

/** A request that ended in a failure. */
export class RequestError extends Error {
  readonly failure: RequestFailure;

  constructor(failure: RequestFailure) {
    super(failure.message);
    this.name = "RequestError";
    this.failure = failure;
  }

  get isCancelled(): boolean {
    return this.failure.code === "protocol/cancelled";
  }
}
