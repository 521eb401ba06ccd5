import "./tensor.css";
import { nothing, render } from "lit";
import type { PagePlace } from "../../protocol/envelope.js";
import type { TensorFacts } from "../../protocol/tensor-messages.js";
import type { TrialResult } from "../../protocol/trial-messages.js";
import { failureOf, failureView, isCancelled } from "../failure-view.js";
import type { MapState } from "../outlier-map/map-view.js";
import { isWhole, type MatrixCell } from "../outlier-map/matrix-viewport.js";
import type { MountPage } from "../page.js";
import { terminalLine } from "../terminal-line.js";
import { t } from "../texts.js";
import { createValueStore, type ValueStore } from "../values/value-store.js";
import { visibleText } from "../visible-text.js";
import {
  colorsNow,
  hasGroups,
  isMapLogarithmic,
  type KnownDistribution,
  type KnownTensor,
  mapInputOf,
  partnerNow,
  ruleNow,
  thresholdNow,
  unavailableShadings,
} from "./known-tensor.js";
import { mapControls } from "./map-controls.js";
import { mapFileName } from "./map-file-name.js";
import { createRequestPart } from "./request-part.js";
import { mapCommand, statsCommand } from "./tensor-command.js";
import { readTensorState, stateOfWeight, type TensorState } from "./tensor-state.js";
import { type PartState, tensorTemplate } from "./tensor-template.js";
import { type CursorOrigin, createTensorViews } from "./tensor-views.js";
import { type SideChoice, sideChoices, sideKey } from "./weight-side.js";

const BINS = 256;
/** The slider moves faster than a weight is read. */
const RULE_DELAY = 250;

/** One weight: facts, distribution, profiles, outlier map, single values, scales of its groups. */
export const mountTensorPage: MountPage = (container, begin, context) => {
  const { request, announce } = context;
  let state: TensorState = readTensorState(context.kept);
  let place: PagePlace = begin;
  let facts: TensorFacts | undefined;
  let known: KnownDistribution | undefined;
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
  const views = createTensorViews(container, context, {
    values: () => values()!,
    onCursor: (cell, from) => setCursor({ row: 0, column: 0, ...state.cursor, ...cell }, from),
    onViewport: (viewport) => {
      keep({ viewport });
      draw();
    },
    onMapState: (next) => {
      mapState = next;
      draw();
    },
  });

  function keep(change: Partial<TensorState>): void {
    state = { ...state, ...change };
    context.keep(state);
  }

  function choices(): readonly SideChoice[] {
    return sideChoices(comparedName, trials);
  }

  function tensor(): KnownTensor {
    return { state, settings: context.settings, sides: choices(), facts, known };
  }

  function values(): ValueStore | undefined {
    if (facts === undefined) return undefined;
    const against = partnerNow(tensor());
    const key = JSON.stringify([facts.name, state.side, against]);
    if (store?.key !== key) {
      store?.store.dispose();
      const source = { name: facts.name, side: state.side, against, rows: facts.rows, columns: facts.columns };
      store = { key, store: createValueStore(source, request) };
    }
    return store.store;
  }

  function show(next: PagePlace): void {
    const { weight } = next;
    const isOther = weight !== place.weight || facts === undefined;
    const isOtherComparison = next.compareWith !== place.compareWith;
    place = next;
    views.picker.update(weight);
    if (weight === undefined) {
      draw();
      return;
    }
    if (isOther) {
      for (const each of Object.values(parts)) each.stop();
      state = stateOfWeight(state, weight);
      context.keep(state);
      facts = undefined;
      known = undefined;
      trials = [];
      views.clear();
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
    views.setNames(found);
    draw();
    if (!found.hasValues) return;
    if (state.viewport !== undefined) views.map.setViewport(state.viewport);
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
    views.map.update(mapInputOf(facts, tensor()));
    views.grid.update({
      size: facts,
      store: values()!,
      threshold: thresholdNow(tensor()),
      label: t("Values of {0}", visibleText(name, 120)),
    });
    const rule = ruleNow(tensor());
    const levelsAt = hasGroups(tensor()) ? state.cursor : undefined;
    parts.distribution.ask(
      JSON.stringify([side, rule, levelsAt]),
      (signal, onProgress) =>
        request(
          "tensor/distribution",
          { name, side, bins: BINS, rule, ...(levelsAt === undefined ? {} : { levelsAt }) },
          { signal, onProgress },
        ),
      (found) => {
        known = { distribution: found, side, rule };
        showDistribution();
        refresh();
      },
      delay,
    );
    parts.profiles.ask(
      sideText,
      (signal, onProgress) => request("tensor/profiles", { name, side }, { signal, onProgress }),
      (found) => {
        views.rows.update(found.rows);
        views.columns.update(found.columns);
      },
    );
    if (hasGroups(tensor())) {
      parts.scales.ask(
        sideText,
        (signal, onProgress) => request("tensor/groups", { name, side }, { signal, onProgress }),
        (found) => views.scales.update(found, colorsNow(tensor())),
      );
    } else parts.scales.stop();
    draw();
  }

  function showDistribution(): void {
    if (known !== undefined)
      views.showDistribution(known.distribution, thresholdNow(tensor()), state.logarithmicCounts);
  }

  function setCursor(cell: MatrixCell, from: CursorOrigin | "restore"): void {
    keep({ cursor: cell });
    if (from !== "map") views.map.setCursor(cell);
    if (from !== "grid") views.grid.setCursor(cell);
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
    views.scales.recolor(colorsNow(tensor()));
  }

  async function exportMap(): Promise<void> {
    if (facts === undefined) return;
    try {
      const content = await views.map.toPng([facts.name, `${facts.storage}, ${facts.rows} × ${facts.columns}`]);
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
    const now = tensor();
    const { sides } = now;
    const distribution = known?.distribution;
    const at = distribution?.levelsAt;
    render(
      tensorTemplate({
        weight,
        facts,
        distribution,
        parts: states,
        sides,
        sideKey: sideKey(state.side),
        onSide: (key) => {
          const choice = sides.find((each) => each.key === key);
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
            unavailable: unavailableShadings(now),
            rule: ruleNow(now),
            threshold: thresholdNow(now),
            absMaximum: distribution?.absMaximum ?? 0,
            colors: colorsNow(now),
            logarithmicMap: isMapLogarithmic(now),
            rangeOfWindow: state.rangeOfWindow,
            markOutliers: state.markOutliers,
            canExport: mapState === "coarse" || mapState === "complete",
          },
          change,
          () => void exportMap(),
        ),
        statsLine:
          facts?.hasValues === true && state.side.kind === "own"
            ? terminalLine(statsCommand(context.model, weight, ruleNow(now)), context)
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
    const viewport = views.map.viewport;
    return mapCommand(context.model, of.name, {
      shading: state.shading,
      window: viewport === undefined || isWhole(viewport, of) ? undefined : views.map.window,
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
      views.themeChanged(context.theme);
      draw();
    },
    dispose() {
      isDisposed = true;
      container.removeEventListener("scroll", onScroll);
      for (const each of Object.values(parts)) each.stop();
      views.dispose();
      store?.store.dispose();
    },
  };
};

/** A kept cursor may be of a file that has changed since. */
function inside({ row, column }: MatrixCell, { rows, columns }: TensorFacts): MatrixCell {
  return { row: Math.min(Math.floor(row), rows - 1), column: Math.min(Math.floor(column), columns - 1) };
}
