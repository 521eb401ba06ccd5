import { describe, expect, it } from "vitest";
import { drawSkyline, type SkylineColors, type SkylineContext } from "./draw-skyline.js";
import { layoutSkyline } from "./skyline-layout.js";

/** A context that writes down every call with the colours set at that time. */
function recordingContext(): { readonly context: SkylineContext; readonly calls: string[] } {
  const calls: string[] = [];
  const state: Record<string, unknown> = {};
  const context = new Proxy(state, {
    get: (_target, name: string) =>
      name in state
        ? state[name]
        : (...parameters: unknown[]) => {
            const color = name.startsWith("stroke")
              ? state["strokeStyle"]
              : name.startsWith("fill")
                ? state["fillStyle"]
                : "";
            const rounded = parameters.map((each) => (typeof each === "number" ? Math.round(each) : each));
            calls.push(`${name}(${rounded.join(", ")})${color === "" ? "" : ` ${color}`}`);
          },
    set: (_target, name: string, value) => {
      state[name] = value;
      return true;
    },
  });
  return { context: context as unknown as SkylineContext, calls };
}

const share = (storage: string) => ({ storage, count: 1, parameters: 1, bytes: 1, isQuantized: false });
const columns = [
  { label: "a", firstWeight: "a", parameters: 1, bytes: 1, bitsPerWeight: 16, storages: [share("BF16")] },
  { label: "b", firstWeight: "b", parameters: 1, bytes: 1, bitsPerWeight: 4, storages: [share("Q4")] },
];
const colors: SkylineColors = {
  text: "text",
  lines: "lines",
  mark: "mark",
  font: "11px sans",
  looks: new Map([
    ["BF16", { color: "blue", isStriped: false }],
    ["Q4", { color: "green", isStriped: true }],
  ]),
};

describe("drawSkyline", () => {
  it("draws ticks, then a bar a column in the colour of its storage", () => {
    const { context, calls } = recordingContext();
    const layout = layoutSkyline(columns, 130, 118);
    drawSkyline(context, layout, colors, -1);
    expect(calls[0]).toBe("clearRect(0, 0, 130, 118)");
    expect(calls.filter((call) => call.startsWith("fillText")).map((call) => call.slice(9).split(",")[0])).toEqual([
      "0",
      "4",
      "8",
      "12",
      "16",
    ]);
    const bars = calls.filter((call) => call.startsWith("fillRect"));
    expect(bars).toEqual(["fillRect(36, 12, 44, 100) blue", "fillRect(84, 87, 44, 25) green"]);
    expect(calls.some((call) => call.startsWith("strokeRect"))).toBe(false);
  });

  it("stripes storages that share a colour, within their bar", () => {
    const { context, calls } = recordingContext();
    drawSkyline(context, layoutSkyline(columns, 130, 118), colors, -1);
    const clip = calls.indexOf("clip()");
    expect(calls[clip - 1]).toBe("rect(84, 87, 44, 25)");
    expect(calls.slice(clip).some((call) => call.startsWith("lineTo"))).toBe(true);
    expect(calls.filter((call) => call === "clip()")).toHaveLength(1);
    expect(calls.filter((call) => call === "restore()")).toHaveLength(1);
  });

  it("outlines the marked column, and every column in high contrast", () => {
    const { context, calls } = recordingContext();
    drawSkyline(context, layoutSkyline(columns, 130, 118), { ...colors, outline: "border" }, 1);
    expect(calls.filter((call) => call.endsWith(" border"))).toHaveLength(2);
    expect(calls.filter((call) => call.startsWith("strokeRect") && call.endsWith(" mark"))).toEqual([
      "strokeRect(83, 86, 46, 27) mark",
    ]);
  });
});
