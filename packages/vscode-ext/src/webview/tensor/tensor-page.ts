import "./tensor.css";
import { nothing, render } from "lit";
import type { PagePlace } from "../../protocol/envelope.js";
import type { Distribution, TensorFacts } from "../../protocol/tensor-messages.js";
import type { TrialResult } from "../../protocol/trial-messages.js";
import { failureOf, failureView, isCancelled } from "../failure-view.js";
import { createGroupScalesView } from "../group-scales/group-scales-view.js";
import { createHistogramView } from "../histogram/histogram-view.js";
import type { MapInput } from "../outlier-map/map-input.js";
import type { MapShading } from "../outlier-map/map-shading.js";
import { isWhole, type MatrixCell } from "../outlier-map/matrix-viewport.js";
import { createMapView, type MapState } from "../outlier-map/outlier-map-view.js";
import type { MountPage } from "../page.js";
import { createProfileView } from "../profiles/profile-view.js";
import { terminalLine } from "../terminal-line.js";
import { t } from "../texts.js";
import { createValueGrid } from "../values/value-grid.js";
import { createValueStore, type ValueStore } from "../values/value-store.js";
import { visibleText } from "../visible-text.js";
import { createWeightPicker } from "../weight-picker/weight-picker.js";
import { mapControls } from "./map-controls.js";
import { mapFileName } from "./map-file-name.js";
import { createRequestPart } from "./request-part.js";
import { localThreshold } from "./rule-slider.js";
import { mapCommand, statsCommand } from "./tensor-command.js";
import { readTensorState, stateOfWeight, type TensorState } from "./tensor-state.js";
import { type PartState, tensorTemplate } from "./tensor-template.js";
import { errorPartner, type SideChoice, sideChoices, sideKey } from "./weight-side.js";

const BINS = 256;
/** As `lowbit stats --outlier-map` decides it. */
const LINEAR_SIGMAS = 24;
/** The slider moves faster than a weight is read. */
const RULE_DELAY = 250;

/** One weight: facts, distribution, profiles, outlier map, single values, scales of its groups. */
export const mountTensorPage: MountPage = (container, begin, context) => {
  const { request, announce } = context;
  let state: TensorState = readTensorState(context.kept);
  let place: PagePlace = begin;
  let facts: TensorFacts | undefined;
  let distribution: Distribution | undefined;
  /** Rule and side that the distribution was made for. */
  let distributionOf = "";
  let comparedName: string | undefined;
  let trials: readonly TrialResult[] = [];
  let mapState: MapState = "loading";
  let store: { readonly key: string; readonly store: ValueStore } | undefined;
  let isDisposed = false;

  const part = () => createRequestPart(() => draw());
  const parts = {
    facts: part(),
    compare: part(),
    distribution: part(),
    profiles: part(),
    scales: part(),
    trials: part(),
  };

  draw();
  const host = (name: string): HTMLElement => container.querySelector<HTMLElement>(`.host-${name}`)!;
  const picker = createWeightPicker(host("picker"), {
    request,
    label: t("Weight"),
    testId: "tensor-pick",
    onPick: (weight) => context.navigate({ page: "tensor", weight }),
  });
  const { theme } = context;
  const map = createMapView(host("map"), {
    request,
    theme,
    announce,
    label: "",
    valuesOf: () => values()!,
    onCursor: (cell) => setCursor(cell, "map"),
    onViewport: (viewport) => {
      keep({ viewport });
      grid.reveal(map.window!);
      draw();
    },
    onState: (next) => {
      mapState = next;
      draw();
    },
  });
  const histogram = createHistogramView(host("histogram"), { theme, announce, label: "" });
  const rows = createProfileView(host("rows"), {
    axis: "rows",
    theme,
    announce,
    label: "",
    onPick: (row) => setCursor({ row, column: state.cursor?.column ?? 0 }, "profile"),
  });
  const columns = createProfileView(host("columns"), {
    axis: "columns",
    theme,
    announce,
    label: "",
    onPick: (column) => setCursor({ row: state.cursor?.row ?? 0, column }, "profile"),
  });
  const grid = createValueGrid(host("values"), {
    announce,
    onCursor: (cell) => setCursor(cell, "grid"),
    copy: async (text) => {
      await request("host/copy", { text });
    },
  });
  const scales = createGroupScalesView(host("scales"), theme);

  function keep(change: Partial<TensorState>): void {
    state = { ...state, ...change };
    context.keep(state);
  }

  function choices(): readonly SideChoice[] {
    return sideChoices(comparedName, trials);
  }

  function rule() {
    return state.rule ?? context.settings.outlierRule;
  }

  function values(): ValueStore | undefined {
    if (facts === undefined) return undefined;
    const against = state.shading === "error" ? errorPartner(state.side, choices()) : undefined;
    const key = JSON.stringify([facts.name, state.side, against]);
    if (store?.key !== key) {
      store?.store.dispose();
      const source = { name: facts.name, side: state.side, against, rows: facts.rows, columns: facts.columns };
      store = { key, store: createValueStore(source, request) };
    }
    return store.store;
  }

  function threshold(): number | undefined {
    const isOfRule = distributionOf === distributionKey();
    return (
      localThreshold(rule(), isOfSide() ? distribution?.std : undefined) ??
      (isOfRule ? distribution?.outlierThreshold : undefined)
    );
  }

  function distributionKey(): string {
    return JSON.stringify([state.side, rule()]);
  }

  /** The distribution is of the side that is shown, be it for another rule. */
  function isOfSide(): boolean {
    return (
      distributionOf !== "" &&
      JSON.stringify((JSON.parse(distributionOf) as unknown[])[0]) === JSON.stringify(state.side)
    );
  }

  function show(next: PagePlace): void {
    const { weight } = next;
    const isOther = weight !== place.weight || facts === undefined;
    const isOtherComparison = next.compareWith !== place.compareWith;
    place = next;
    picker.update(weight);
    if (weight === undefined) {
      draw();
      return;
    }
    if (isOther) {
      for (const each of Object.values(parts)) each.stop();
      state = stateOfWeight(state, weight);
      context.keep(state);
      map.clear();
      grid.setCursor(undefined);
      facts = undefined;
      distribution = undefined;
      distributionOf = "";
      trials = [];
      histogram.update(undefined);
      rows.update(undefined);
      columns.update(undefined);
      grid.update(undefined);
      parts.facts.ask(
        weight,
        (signal) => request("tensor/facts", { name: weight }, { signal }),
        (found) => {
          facts = found;
          showFacts(found);
        },
      );
      parts.trials.ask(
        weight,
        (signal) => request("trial/list", { weight }, { signal }),
        (found) => {
          trials = found.trials;
          if (!choices().some(({ key }) => key === sideKey(state.side)) && state.side.kind === "trial")
            keep({ side: { kind: "own" } });
          refresh();
        },
      );
    }
    if (isOther || isOtherComparison) openComparison(next);
    draw();
  }

  function openComparison({ compareWith }: PagePlace): void {
    if (compareWith === undefined) {
      comparedName = undefined;
      if (state.side.kind === "compared") keep({ side: { kind: "own" } });
      return;
    }
    parts.compare.ask(
      compareWith,
      (signal) => request("compare/open", { path: compareWith }, { signal }),
      ({ name }) => {
        comparedName = name;
        if (state.comparedWith !== compareWith) keep({ comparedWith: compareWith, shading: "error" });
        refresh();
      },
    );
  }

  function showFacts(found: TensorFacts): void {
    const name = visibleText(found.name, 120);
    map.setLabel(t("Outlier map of {0}", name));
    histogram.setLabel(t("Histogram of {0}", name));
    rows.setLabel(t("Profile of the rows of {0}", name));
    columns.setLabel(t("Profile of the columns of {0}", name));
    draw();
    if (!found.hasValues) return;
    if (state.viewport !== undefined) map.setViewport(state.viewport);
    refresh();
    if (state.cursor !== undefined) setCursor(inside(state.cursor, found), "restore");
    container.scrollTop = state.scrollTop;
  }

  /** Brings every part to what the state says; asks for what is missing. */
  function refresh(delay = 0): void {
    if (facts?.hasValues !== true || isDisposed) return;
    const { name } = facts;
    const { side } = state;
    const sideText = JSON.stringify(side);
    map.update(mapInput(facts));
    grid.update({
      size: facts,
      store: values()!,
      threshold: threshold(),
      label: t("Values of {0}", visibleText(name, 120)),
    });
    const levelsAt = facts.isQuantized || side.kind === "trial" ? state.cursor : undefined;
    parts.distribution.ask(
      JSON.stringify([distributionKey(), levelsAt]),
      (signal, onProgress) =>
        request(
          "tensor/distribution",
          { name, side, bins: BINS, rule: rule(), ...(levelsAt === undefined ? {} : { levelsAt }) },
          { signal, onProgress },
        ),
      (found) => {
        distribution = found;
        distributionOf = JSON.stringify([side, rule()]);
        showDistribution();
        refresh();
      },
      delay,
    );
    parts.profiles.ask(
      sideText,
      (signal, onProgress) => request("tensor/profiles", { name, side }, { signal, onProgress }),
      (found) => {
        rows.update(found.rows);
        columns.update(found.columns);
      },
    );
    if (facts.isQuantized || side.kind === "trial") {
      parts.scales.ask(
        sideText,
        (signal, onProgress) => request("tensor/groups", { name, side }, { signal, onProgress }),
        (found) => scales.update(found, state.colors ?? context.settings.mapColors),
      );
    } else parts.scales.stop();
    draw();
  }

  function mapInput(of: TensorFacts): MapInput {
    const { side } = state;
    const against = errorPartner(side, choices());
    const isWanted = unavailable()[state.shading] === undefined;
    const isCounted = distribution !== undefined && distributionOf === distributionKey();
    return {
      name: of.name,
      side,
      ...(state.shading === "error" ? { against } : {}),
      rows: of.rows,
      columns: of.columns,
      shading: isWanted ? state.shading : "sigma",
      std: isOfSide() ? (distribution?.std ?? 0) : 0,
      threshold: threshold(),
      outlierCount: isCounted ? distribution?.outlierCount : undefined,
      colors: state.colors ?? context.settings.mapColors,
      logarithmic: isLogarithmic(),
      rangeOfWindow: state.rangeOfWindow,
      markOutliers: state.markOutliers,
    };
  }

  /** Without a choice: where a few weights would leave nothing but dark to all others. */
  function isLogarithmic(): boolean {
    if (state.logarithmicMap !== undefined) return state.logarithmicMap;
    return isOfSide() && distribution !== undefined && distribution.absMaximum > LINEAR_SIGMAS * distribution.std;
  }

  function unavailable(): Partial<Record<MapShading, string>> {
    const hasScales = facts?.isQuantized === true || state.side.kind === "trial";
    return {
      ...(hasScales ? {} : { scale: t("These weights have no groups.") }),
      ...(errorPartner(state.side, choices()) === undefined
        ? { error: t("There is nothing to compare with: open a comparison or try a quantization.") }
        : {}),
    };
  }

  function showDistribution(): void {
    if (distribution === undefined) return;
    const limit = threshold();
    histogram.update({
      bins: distribution.histogram,
      levels: distribution.levels,
      logarithmic: state.logarithmicCounts,
      ...(limit !== undefined && (limit < distribution.maximum || -limit > distribution.minimum)
        ? { threshold: limit }
        : {}),
    });
  }

  function setCursor(cell: MatrixCell, from: "map" | "grid" | "profile" | "restore"): void {
    keep({ cursor: cell });
    if (from !== "map") map.setCursor(cell);
    if (from !== "grid") grid.setCursor(cell);
    if (from !== "restore") refresh(RULE_DELAY);
  }

  function change(next: Partial<TensorState>): void {
    const isRule = next.rule !== undefined;
    keep(next);
    refresh(isRule ? RULE_DELAY : 0);
    if (isRule || next.logarithmicCounts !== undefined) showDistribution();
    if (next.colors !== undefined) redrawScales();
    draw();
  }

  function redrawScales(): void {
    scales.recolor(state.colors ?? context.settings.mapColors);
  }

  async function exportMap(): Promise<void> {
    if (facts === undefined) return;
    try {
      const content = await map.toPng([facts.name, `${facts.storage}, ${facts.rows} × ${facts.columns}`]);
      const { path } = await request("host/save", { fileName: mapFileName(facts.name, state.shading), content });
      if (path !== undefined) announce(t("Saved as {0}.", visibleText(path)));
    } catch (error) {
      if (!isCancelled(error))
        render(failureView(failureOf(error)), container.querySelector<HTMLElement>(".host-export")!);
    }
  }

  function draw(): void {
    if (isDisposed) return;
    const weight = place.weight ?? "";
    const states = Object.fromEntries(Object.entries(parts).map(([name, each]) => [name, each.state])) as Record<
      keyof typeof parts,
      PartState
    >;
    const limit = threshold();
    const at = distribution?.levelsAt;
    render(
      tensorTemplate({
        weight,
        facts,
        distribution,
        parts: states,
        sides: choices(),
        sideKey: sideKey(state.side),
        onSide: (key) => {
          const choice = choices().find((each) => each.key === key);
          if (choice !== undefined) change({ side: choice.side });
        },
        logarithmicCounts: state.logarithmicCounts,
        onLogarithmicCounts: (logarithmicCounts) => change({ logarithmicCounts }),
        levelsAt:
          at === undefined || distribution?.levels.length === 0
            ? undefined
            : t("levels of row {0}, columns {1}–{2}", at.row, at.column, at.column + at.columns - 1),
        controls: mapControls(
          {
            shading: state.shading,
            unavailable: unavailable(),
            rule: rule(),
            threshold: limit,
            absMaximum: distribution?.absMaximum ?? 0,
            colors: state.colors ?? context.settings.mapColors,
            logarithmicMap: isLogarithmic(),
            rangeOfWindow: state.rangeOfWindow,
            markOutliers: state.markOutliers,
            canExport: mapState === "coarse" || mapState === "complete",
          },
          change,
          () => void exportMap(),
        ),
        statsLine:
          facts?.hasValues === true && state.side.kind === "own"
            ? terminalLine(statsCommand(context.model, weight, rule()), context)
            : nothing,
        mapLine:
          facts?.hasValues === true && state.side.kind === "own" ? terminalLine(mapLine(facts), context) : nothing,
      }),
      container,
    );
    const isBusy =
      place.weight !== undefined &&
      (Object.values(states).some(({ isLoading }) => isLoading) ||
        (facts?.hasValues === true && (mapState === "loading" || mapState === "coarse")));
    container.setAttribute("aria-busy", isBusy ? "true" : "false");
  }

  function mapLine(of: TensorFacts): string {
    const viewport = map?.viewport;
    return mapCommand(context.model, of.name, {
      shading: state.shading,
      window: viewport === undefined || isWhole(viewport, of) ? undefined : map.window,
      against: place.compareWith,
    });
  }

  const onScroll = (): void => keep({ scrollTop: container.scrollTop });
  container.addEventListener("scroll", onScroll, { passive: true });
  show(begin);

  return {
    update: show,
    settingsChanged() {
      refresh();
      redrawScales();
    },
    themeChanged() {
      for (const view of [map, histogram, rows, columns, scales]) view.themeChanged(context.theme);
      draw();
    },
    dispose() {
      isDisposed = true;
      container.removeEventListener("scroll", onScroll);
      for (const each of Object.values(parts)) each.stop();
      for (const view of [map, histogram, rows, columns, grid, scales, picker]) view.dispose();
      store?.store.dispose();
    },
  };
};

/** A kept cursor may be of a file that has changed since. */
function inside({ row, column }: MatrixCell, { rows, columns }: TensorFacts): MatrixCell {
  return { row: Math.min(Math.floor(row), rows - 1), column: Math.min(Math.floor(column), columns - 1) };
}
