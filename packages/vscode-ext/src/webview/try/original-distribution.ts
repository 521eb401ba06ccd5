import type { RequestFailure } from "../../protocol/envelope.js";
import type { Ask } from "../../protocol/rpc-client.js";
import type { Distribution } from "../../protocol/tensor-messages.js";
import { failureOf } from "../failure-view.js";

/** The histogram of the weight as the file has it, to stand behind those of the trials; without it they stand alone. */
export class OriginalDistribution {
  readonly #ask: Ask;
  readonly #weight: string;
  readonly #onChange: (failure: RequestFailure | undefined) => void;
  readonly #leaving = new AbortController();
  #bins = 0;
  #value: Distribution | undefined;

  constructor(ask: Ask, weight: string, onChange: (failure: RequestFailure | undefined) => void) {
    this.#ask = ask;
    this.#weight = weight;
    this.#onChange = onChange;
  }

  get value(): Distribution | undefined {
    return this.#value;
  }

  /** Asks for as many bins as the trials have; once. */
  ask(bins: number): void {
    if (bins === this.#bins) return;
    this.#bins = bins;
    const params = { name: this.#weight, side: { kind: "own" }, bins } as const;
    this.#ask("tensor/distribution", params, { signal: this.#leaving.signal }).then(
      (value) => {
        if (this.#leaving.signal.aborted || bins !== this.#bins) return;
        this.#value = value;
        this.#onChange(undefined);
      },
      (error: unknown) => {
        if (this.#leaving.signal.aborted || bins !== this.#bins) return;
        this.#bins = 0;
        this.#onChange(failureOf(error));
      },
    );
  }

  dispose(): void {
    this.#leaving.abort();
  }
}
