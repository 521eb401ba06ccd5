import type { Distribution, TensorFacts } from "../../protocol/tensor-messages.js";
import { createGroupScalesView, type GroupScalesView } from "../group-scales/group-scales-view.js";
import { createHistogramView, type HistogramView } from "../histogram/histogram-view.js";
import type { MapState, MapView } from "../outlier-map/map-view.js";
import type { MatrixCell, MatrixViewport } from "../outlier-map/matrix-viewport.js";
import { createMapView } from "../outlier-map/outlier-map-view.js";
import type { PageContext } from "../page.js";
import { createProfileView, type ProfileView } from "../profiles/profile-view.js";
import { t } from "../texts.js";
import type { Theme } from "../theme.js";
import { createValueGrid, type ValueGrid } from "../values/value-grid.js";
import type { ValueStore } from "../values/value-store.js";
import { visibleText } from "../visible-text.js";
import { createWeightPicker, type WeightPicker } from "../weight-picker/weight-picker.js";

/** Where the cursor was set. */
export type CursorOrigin = "map" | "grid" | "profile";

export interface TensorViewEvents {
  values(): ValueStore;
  onCursor(cell: Partial<MatrixCell>, from: CursorOrigin): void;
  onViewport(viewport: MatrixViewport): void;
  onMapState(state: MapState): void;
}

/** The pictures of the page, each in its element of `tensorTemplate`. */
export interface TensorViews {
  readonly picker: WeightPicker;
  readonly map: MapView;
  readonly grid: ValueGrid;
  readonly rows: ProfileView;
  readonly columns: ProfileView;
  readonly histogram: HistogramView;
  readonly scales: GroupScalesView;
  setNames(facts: TensorFacts): void;
  showDistribution(distribution: Distribution, threshold: number | undefined, isLogarithmic: boolean): void;
  /** Another weight is on its way. */
  clear(): void;
  themeChanged(theme: Theme): void;
  dispose(): void;
}

export function createTensorViews(
  container: HTMLElement,
  context: PageContext,
  { values, onCursor, onViewport, onMapState }: TensorViewEvents,
): TensorViews {
  const { request, announce, theme } = context;
  const host = (name: string): HTMLElement => container.querySelector<HTMLElement>(`.host-${name}`)!;
  const picker = createWeightPicker(host("picker"), {
    request,
    label: t("Weight"),
    testId: "tensor-pick",
    onPick: (weight) => context.navigate({ page: "tensor", weight }),
  });
  const map = createMapView(host("map"), {
    request,
    theme,
    announce,
    label: "",
    valuesOf: values,
    onCursor: (cell) => onCursor(cell, "map"),
    onViewport: (viewport) => {
      onViewport(viewport);
      grid.reveal(map.window!);
    },
    onState: onMapState,
  });
  const histogram = createHistogramView(host("histogram"), { theme, announce, label: "" });
  const profile = (axis: "rows" | "columns"): ProfileView =>
    createProfileView(host(axis), {
      axis,
      theme,
      announce,
      label: "",
      onPick: (at) => onCursor(axis === "rows" ? { row: at } : { column: at }, "profile"),
    });
  const [rows, columns] = [profile("rows"), profile("columns")];
  const grid = createValueGrid(host("values"), {
    announce,
    onCursor: (cell) => onCursor(cell, "grid"),
    copy: async (text) => {
      await request("host/copy", { text });
    },
  });
  const scales = createGroupScalesView(host("scales"), theme);

  return {
    ...{ picker, map, grid, rows, columns, histogram, scales },
    setNames(facts) {
      const name = visibleText(facts.name, 120);
      map.setLabel(t("Outlier map of {0}", name));
      histogram.setLabel(t("Histogram of {0}", name));
      rows.setLabel(t("Profile of the rows of {0}", name));
      columns.setLabel(t("Profile of the columns of {0}", name));
    },
    showDistribution({ histogram: bins, levels, minimum, maximum }, threshold, logarithmic) {
      const isSeen = threshold !== undefined && (threshold < maximum || -threshold > minimum);
      histogram.update({ bins, levels, logarithmic, ...(isSeen ? { threshold } : {}) });
    },
    clear() {
      map.clear();
      grid.setCursor(undefined);
      grid.update(undefined);
      for (const view of [histogram, rows, columns]) view.update(undefined);
    },
    themeChanged(next) {
      for (const view of [map, histogram, rows, columns, scales]) view.themeChanged(next);
    },
    dispose() {
      for (const view of [map, histogram, rows, columns, grid, scales, picker]) view.dispose();
    },
  };
}
