import type { Ask } from "../../protocol/rpc-client.js";
import type { MapPicture, MapQuery } from "../../protocol/tensor-messages.js";
import { isCancelled } from "../failure-view.js";

export interface TileLoaderEvents {
  /** A coarse picture, or the complete one. */
  onPicture(picture: MapPicture, query: MapQuery): void;
  onFailure(error: unknown): void;
}

/** Asks for one picture at a time: what is asked for anew takes back what is still on its way. */
export interface TileLoader {
  /** Nothing happens when just this is on its way or was the last to arrive. */
  want(query: MapQuery, delayMilliseconds?: number): void;
  /** The next `want` asks, whatever was there. */
  forget(): void;
  readonly isLoading: boolean;
}

export function createTileLoader(request: Ask, events: TileLoaderEvents): TileLoader {
  let wanted = "";
  let aborter: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function load(query: MapQuery, own: AbortController): Promise<void> {
    try {
      const picture = await request("tensor/map", query, {
        signal: own.signal,
        onProgress: ({ coarse }) => {
          if (coarse !== undefined && aborter === own) events.onPicture(coarse, query);
        },
      });
      if (aborter !== own) return;
      aborter = undefined;
      events.onPicture(picture, query);
    } catch (error) {
      if (aborter !== own) return;
      aborter = undefined;
      wanted = "";
      if (!isCancelled(error)) events.onFailure(error);
    }
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
    const stale = aborter;
    aborter = undefined;
    stale?.abort();
  }

  return {
    want(query, delayMilliseconds = 0) {
      const key = JSON.stringify(query);
      if (key === wanted) return;
      stop();
      wanted = key;
      const own = new AbortController();
      aborter = own;
      if (delayMilliseconds === 0) void load(query, own);
      else timer = setTimeout(() => void load(query, own), delayMilliseconds);
    },
    forget() {
      stop();
      wanted = "";
    },
    get isLoading() {
      return aborter !== undefined;
    },
  };
}
