import type { MapPicture, MatrixWindow } from "../../protocol/tensor-messages.js";
import { BLUE_ORANGE, VIRIDIS } from "./color-ramp.js";
import type { MapContext } from "./draw-outlier-map.js";
import type { MapColors } from "./map-colors.js";

export interface DrawCall {
  readonly name: string;
  readonly args: readonly unknown[];
  /** As they were set when the call was made. */
  readonly fillStyle: string;
  readonly strokeStyle: string;
}

type Recorder = MapContext & Pick<CanvasRenderingContext2D, "translate"> & { readonly calls: DrawCall[] };

/** A canvas context that only writes down what is called. */
export function recordingContext(): Recorder {
  const calls: DrawCall[] = [];
  const settings: Record<string, unknown> = { fillStyle: "", strokeStyle: "", imageSmoothingEnabled: true };
  return new Proxy({} as Recorder, {
    get(_target, name: string) {
      if (name === "calls") return calls;
      if (name in settings) return settings[name];
      return (...args: unknown[]) => {
        calls.push({
          name,
          args,
          fillStyle: String(settings["fillStyle"]),
          strokeStyle: String(settings["strokeStyle"]),
        });
      };
    },
    set(_target, name: string, value) {
      settings[name] = value;
      return true;
    },
  });
}

export const COLORS: MapColors = {
  sequential: VIRIDIS,
  diverging: BLUE_ORANGE,
  background: [1, 1, 1],
  foreground: [2, 2, 2],
  focus: [3, 3, 3],
  marker: [4, 4, 4],
};

/** A picture of a window; tile values count up from 0, times `factor`. */
export function somePicture(window: MatrixWindow, tileRows = 1, tileColumns = 1, factor = 1): MapPicture {
  const tilesDown = Math.ceil(window.rows / tileRows);
  const tilesAcross = Math.ceil(window.columns / tileColumns);
  return {
    window,
    tileRows,
    tileColumns,
    tilesDown,
    tilesAcross,
    values: Float32Array.from({ length: tilesDown * tilesAcross }, (_, i) => i * factor),
    isCoarse: false,
  };
}
