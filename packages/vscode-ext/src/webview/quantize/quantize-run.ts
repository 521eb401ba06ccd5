import type { RequestFailure } from "../../protocol/envelope.js";
import type { QuantizeSettings } from "../../protocol/quantize-messages.js";
import type { Ask } from "../../protocol/rpc-client.js";
import { failureOf } from "../failure-view.js";

export type QuantizeRunState =
  | { readonly phase: "none" }
  | { readonly phase: "running"; readonly settings: QuantizeSettings }
  | { readonly phase: "done"; readonly output: string }
  | { readonly phase: "cancelled" }
  | { readonly phase: "failed"; readonly failure: RequestFailure };

/**
 * The run that this webview started. It outlives the page: who goes to another page and back finds it as it stands. The
 * host shows its progress and its cancel button in a notification, and goes on when the webview is gone.
 */
export class QuantizeRun {
  #state: QuantizeRunState = { phase: "none" };
  #listener: (() => void) | undefined;

  get state(): QuantizeRunState {
    return this.#state;
  }

  /** One page listens at a time. */
  listen(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }

  async start(ask: Ask, settings: QuantizeSettings): Promise<void> {
    if (this.#state.phase === "running") return;
    this.#set({ phase: "running", settings });
    try {
      const { output } = await ask("host/quantize", settings);
      this.#set(output === undefined ? { phase: "cancelled" } : { phase: "done", output });
    } catch (error) {
      const failure = failureOf(error);
      this.#set(failure.code === "protocol/cancelled" ? { phase: "cancelled" } : { phase: "failed", failure });
    }
  }

  /** Forgets how the last run ended: something else was entered. */
  clear(): void {
    if (this.#state.phase !== "running") this.#set({ phase: "none" });
  }

  #set(state: QuantizeRunState): void {
    this.#state = state;
    this.#listener?.();
  }
}
