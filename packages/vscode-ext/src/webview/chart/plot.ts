import "uplot/dist/uPlot.min.css";
import "./plot.css";
import uPlot from "uplot";
import type { Theme } from "../theme.js";
import { visibleText } from "../visible-text.js";

/** What a chart shows. Colours come with the theme, so it is made anew when that changes. */
export interface PlotPicture {
  readonly data: uPlot.AlignedData;
  readonly series: readonly uPlot.Series[];
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  /** Draws between axes and series. */
  readonly drawUnder?: (plot: uPlot) => void;
  /** Draws over the series. */
  readonly drawOver?: (plot: uPlot) => void;
}

export interface PlotAxis {
  readonly label: string;
  readonly scale: uPlot.Scale;
  readonly format: (value: number) => string;
  /** Values that get a line and a number; chosen by the chart when absent. */
  readonly marks?: readonly number[];
}

export interface PlotInks {
  readonly text: string;
  readonly grid: string;
  readonly strong: string;
  /** For up to three series; they differ in dashes, too. */
  readonly series: readonly [string, string, string];
  readonly mark: string;
}

export interface PlotOptions {
  readonly theme: Theme;
  /** For assistive technology: what the chart shows. */
  readonly label: string;
  readonly testId: string;
  readonly height: number;
  /** The place of the pointer or the keyboard's cursor; undefined outside. */
  onPoint?(index: number | undefined, byKeyboard: boolean): void;
  /** Click, or Enter. */
  onPick?(index: number): void;
}

export interface Plot {
  update(picture: ((inks: PlotInks) => PlotPicture) | undefined): void;
  setLabel(label: string): void;
  themeChanged(theme: Theme): void;
  dispose(): void;
}

const LINE = 11;

function plotInks(theme: Theme): PlotInks {
  const text = theme.color("--vscode-editor-foreground", theme.kind === "dark" ? "#cccccc" : "#3b3b3b");
  return {
    text,
    strong: text,
    grid: theme.isHighContrast
      ? theme.color("--vscode-contrastBorder", text)
      : theme.kind === "dark"
        ? "rgba(255, 255, 255, 0.12)"
        : "rgba(0, 0, 0, 0.12)",
    series: [
      theme.color("--vscode-charts-blue", "#3794ff"),
      theme.color("--vscode-charts-yellow", theme.kind === "dark" ? "#cca700" : "#895503"),
      theme.color("--vscode-charts-green", "#388a34"),
    ],
    mark: theme.color("--vscode-charts-red", "#f14c4c"),
  };
}

/** The point that a key leads to; undefined where the key means nothing. */
export function steppedPoint(key: string, current: number | undefined, count: number): number | undefined {
  const last = count - 1;
  const at = current ?? -1;
  switch (key) {
    case "ArrowRight":
      return Math.min(at + 1, last);
    case "ArrowLeft":
      return current === undefined ? last : Math.max(at - 1, 0);
    case "PageDown":
      return Math.min(at + Math.max(1, Math.round(count / 10)), last);
    case "PageUp":
      return Math.max(at - Math.max(1, Math.round(count / 10)), 0);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}

/** A chart that fills the width of its container, with a cursor for pointer and keyboard. */
export function createPlot(container: HTMLElement, options: PlotOptions): Plot {
  const document = container.ownerDocument;
  let { theme } = options;
  let picture: ((inks: PlotInks) => PlotPicture) | undefined;
  let plot: uPlot | undefined;
  let point: number | undefined;
  let isKeyboard = false;

  const box = document.createElement("div");
  box.className = "plot";
  box.dataset["testid"] = options.testId;
  box.tabIndex = 0;
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", options.label);
  container.append(box);

  function build(): void {
    plot?.destroy();
    plot = undefined;
    point = undefined;
    const width = box.clientWidth;
    if (picture === undefined || width < 40) return;
    const inks = plotInks(theme);
    const made = picture(inks);
    const family = theme.color("--vscode-font-family", "sans-serif");
    const axis = ({ label, format, marks }: PlotAxis): uPlot.Axis => ({
      label,
      ...(marks === undefined ? {} : { splits: () => [...marks], filter: (_plot, splits) => splits }),
      labelSize: 18,
      labelFont: `${LINE}px ${family}`,
      font: `${LINE}px ${family}`,
      stroke: inks.text,
      grid: { stroke: inks.grid, width: 1 },
      ticks: { stroke: inks.grid, width: 1 },
      values: (_plot, splits) => splits.map((value) => (value === null ? "" : format(value))),
    });
    plot = new uPlot(
      {
        width,
        height: options.height,
        legend: { show: false },
        scales: { x: { time: false, ...made.x.scale }, y: made.y.scale },
        axes: [axis(made.x), { ...axis(made.y), size: 62 }],
        series: [{}, ...made.series],
        cursor: { drag: { setScale: false, x: false, y: false }, points: { show: false } },
        hooks: {
          drawAxes: made.drawUnder === undefined ? [] : [made.drawUnder],
          draw: made.drawOver === undefined ? [] : [made.drawOver],
          setCursor: [
            (self) => {
              point = self.cursor.idx ?? undefined;
              options.onPoint?.(point, isKeyboard);
            },
          ],
        },
      },
      made.data,
      box,
    );
    plot.over.addEventListener("click", () => {
      if (point !== undefined) options.onPick?.(point);
    });
  }

  box.addEventListener("keydown", (event) => {
    const xs = plot?.data[0];
    if (plot === undefined || xs === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && point !== undefined) {
      event.preventDefault();
      options.onPick?.(point);
      return;
    }
    const next = steppedPoint(event.key, point, xs.length);
    if (next === undefined) return;
    event.preventDefault();
    isKeyboard = true;
    plot.setCursor({ left: plot.valToPos(xs[next]!, "x"), top: plot.over.clientHeight / 2 });
    isKeyboard = false;
  });

  const observer = new ResizeObserver(() => {
    const width = box.clientWidth;
    if (plot === undefined) build();
    else if (width >= 40 && width !== plot.width) plot.setSize({ width, height: options.height });
  });
  observer.observe(box);

  return {
    update(next) {
      picture = next;
      build();
    },
    setLabel(label) {
      box.setAttribute("aria-label", visibleText(label));
    },
    themeChanged(next) {
      theme = next;
      build();
    },
    dispose() {
      observer.disconnect();
      plot?.destroy();
      box.remove();
    },
  };
}
