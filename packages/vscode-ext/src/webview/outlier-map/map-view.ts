import type { Ask } from "../../protocol/rpc-client.js";
import type { MatrixWindow } from "../../protocol/tensor-messages.js";
import type { Theme } from "../theme.js";
import type { ValueStore } from "../values/value-store.js";
import type { MapInput } from "./map-input.js";
import type { MatrixCell, MatrixViewport } from "./matrix-viewport.js";

export interface MapViewOptions {
  readonly request: Ask;
  readonly theme: Theme;
  announce(text: string): void;
  /** For assistive technology: "Outlier map of model.layers.0.mlp.up_proj.weight". */
  readonly label: string;
  /** `data-testid` of the canvas; "outlier-map" when absent. */
  readonly testId?: string;
  /** Single values of the input, shared with other views; the map makes its own when absent. */
  readonly valuesOf?: (input: MapInput) => ValueStore;
  /** The user put the cursor on a cell. */
  onCursor?(cell: MatrixCell): void;
  /** What the canvas shows: nothing yet, a first picture, all. */
  onState?(state: MapState): void;
  /** The user moved or zoomed; what is shown now. */
  onViewport?(viewport: MatrixViewport): void;
  /** The complete picture of the whole matrix is there: its largest tile. */
  onLargestTile?(value: number): void;
}

export type MapState = "loading" | "coarse" | "complete" | "failed";

/** A map of one weight matrix that can be zoomed from the whole down to single weights. */
export interface MapView {
  update(input: MapInput): void;
  /** Shows nothing until the next input, and forgets where it was. */
  clear(): void;
  setLabel(label: string): void;
  /** Shows a cursor that another view has set; the map moves so that it is seen. */
  setCursor(cell: MatrixCell | undefined): void;
  setViewport(viewport: MatrixViewport): void;
  readonly viewport: MatrixViewport | undefined;
  /** Every cell of which a part is shown. */
  readonly window: MatrixWindow | undefined;
  /** What is shown, with title and legend, as the bytes of a PNG file. */
  toPng(title: readonly string[]): Promise<Uint8Array>;
  themeChanged(theme: Theme): void;
  dispose(): void;
}
