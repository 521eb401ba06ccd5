import type { RequestFailure } from "../../protocol/envelope.js";
import type { WorkProgress } from "../../protocol/request-map.js";
import { failureOf, isCancelled } from "../failure-view.js";
import type { PartState } from "./tensor-template.js";

/** One part of a page that is asked for again and again: the latest question counts, earlier ones are taken back. */
export interface RequestPart {
  readonly state: PartState;
  /** Asks, unless just this was asked last. `answer` is called with the result, unless it came too late. */
  ask<R>(
    key: string,
    run: (signal: AbortSignal, onProgress: (progress: WorkProgress) => void) => Promise<R>,
    answer: (result: R) => void,
    delayMilliseconds?: number,
  ): void;
  stop(): void;
}

export function createRequestPart(onChange: () => void): RequestPart {
  let aborter: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = "";
  let progress: WorkProgress | undefined;
  let failure: RequestFailure | undefined;
  let again: () => void = () => {};

  function stop(): void {
    clearTimeout(timer);
    const stale = aborter;
    aborter = undefined;
    asked = "";
    progress = undefined;
    failure = undefined;
    stale?.abort();
  }

  const part: RequestPart = {
    get state() {
      return { isLoading: aborter !== undefined, progress, failure, retry: again };
    },
    ask(key, run, answer, delayMilliseconds = 0) {
      if (key === asked) return;
      stop();
      asked = key;
      const own = new AbortController();
      aborter = own;
      again = () => {
        asked = "";
        part.ask(key, run, answer);
        onChange();
      };
      const onProgress = (reported: WorkProgress): void => {
        if (aborter !== own) return;
        progress = reported;
        onChange();
      };
      const start = async (): Promise<void> => {
        try {
          const result = await run(own.signal, onProgress);
          if (aborter !== own) return;
          aborter = undefined;
          progress = undefined;
          answer(result);
        } catch (error) {
          if (aborter !== own) return;
          aborter = undefined;
          progress = undefined;
          if (isCancelled(error)) asked = "";
          else failure = failureOf(error);
        }
        onChange();
      };
      if (delayMilliseconds === 0) void start();
      else timer = setTimeout(() => void start(), delayMilliseconds);
    },
    stop,
  };
  return part;
}
