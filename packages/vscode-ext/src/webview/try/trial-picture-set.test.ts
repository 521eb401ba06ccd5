// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import type { TensorFacts } from "../../protocol/tensor-messages.js";
import type { TrialResult } from "../../protocol/trial-messages.js";
import { fakeContext } from "../fake-context.fixture.js";
import type { MapInput } from "../outlier-map/map-input.js";
import type { MapViewOptions } from "../outlier-map/map-view.js";
import type { TrialCard } from "./trial-board.js";
import { TrialPictureSet } from "./trial-picture-set.js";

const maps = vi.hoisted(() => [] as { options: MapViewOptions; shown: MapInput[] }[]);
vi.mock("../histogram/histogram-view.js", () => ({
  createHistogramView: () => ({ update() {}, setLabel() {}, dispose() {} }),
}));
vi.mock("../outlier-map/outlier-map-view.js", () => ({
  createMapView(_container: HTMLElement, options: MapViewOptions) {
    const shown: MapInput[] = [];
    maps.push({ options, shown });
    return { update: (input: MapInput) => shown.push(input), setLabel() {}, dispose() {} };
  },
}));

beforeEach(() => {
  maps.length = 0;
});

it("gives the error maps of all cards one scale, to the largest error of those that are there", () => {
  const body = document.createElement("div");
  for (const key of [1, 2])
    body.insertAdjacentHTML(
      "beforeend",
      `<div data-key="${key}"><div class="trial-histogram"></div><div class="trial-map"></div></div>`,
    );
  const card = (key: number): TrialCard =>
    ({ key, phase: "done", result: { trial: `t${key}` } as TrialResult, setting: {} }) as TrialCard;
  const facts = { name: "w", rows: 4, columns: 8 } as TensorFacts;
  const set = new TrialPictureSet(body, fakeContext({}));
  const input = { facts, original: undefined, isLogarithmic: false, labelOf: () => "rtn" };
  set.update([card(1), card(2)], input);
  const ends = (): unknown[] => maps.map(({ shown }) => shown.at(-1)?.scaleEnd);
  expect(ends()).toEqual([undefined, undefined]);
  maps[0]!.options.onLargestTile!(0.5);
  expect(ends()).toEqual([0.5, 0.5]);
  maps[1]!.options.onLargestTile!(2);
  expect(ends()).toEqual([2, 2]);
  set.update([card(1)], input);
  expect(ends()[0]).toBe(0.5);
});
