import { describe, expect, it } from "vitest";
import { type Color, inkOn, lightness, luminance, rampColor } from "./color-ramp.js";
import { type MapColorsName, mapColors, withLightness } from "./map-colors.js";
import { parseColor } from "./parse-color.js";

const THEMES = {
  dark: { kind: "dark", background: "#1e1e1e", foreground: "#d4d4d4", blue: "#3794ff", orange: "#d18616" },
  light: { kind: "light", background: "#ffffff", foreground: "#3b3b3b", blue: "#1a85ff", orange: "#d18616" },
  highContrast: { kind: "dark", background: "#000000", foreground: "#ffffff", blue: "#3794ff", orange: "#d18616" },
  highContrastLight: {
    kind: "light",
    background: "#ffffff",
    foreground: "#292929",
    blue: "#1a85ff",
    orange: "#d18616",
  },
} as const;

function themed(name: keyof typeof THEMES, colors: MapColorsName) {
  const theme = THEMES[name];
  const variables: Record<string, string> = {
    "--vscode-editor-background": theme.background,
    "--vscode-editor-foreground": theme.foreground,
    "--vscode-charts-blue": theme.blue,
    "--vscode-charts-orange": theme.orange,
  };
  return mapColors(colors, { kind: theme.kind, color: (variable, fallback) => variables[variable] ?? fallback });
}

const COMBINATIONS = (Object.keys(THEMES) as (keyof typeof THEMES)[]).flatMap((theme) =>
  (["theme", "viridis", "grey"] as const).map((colors) => [theme, colors] as const),
);

describe("mapColors", () => {
  it.each(COMBINATIONS)("%s, %s: lightness goes one way from end to end", (theme, name) => {
    const { sequential } = themed(theme, name);
    const steps = Array.from({ length: 33 }, (_, i) => lightness(rampColor(sequential, i / 32)));
    const direction = Math.sign(steps.at(-1)! - steps[0]!);
    for (let i = 1; i < steps.length; i++) expect(direction * (steps[i]! - steps[i - 1]!)).toBeGreaterThan(0.5);
    expect(Math.abs(steps.at(-1)! - steps[0]!)).toBeGreaterThan(55);
  });

  it.each(COMBINATIONS)(
    "%s, %s: negative and positive can be told apart, without colour where it is grey",
    (theme, name) => {
      const { diverging } = themed(theme, name);
      const [low, middle, high] = [0, 0.5, 1].map((position) => rampColor(diverging, position)) as [
        Color,
        Color,
        Color,
      ];
      const distance = (a: Color, b: Color) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
      expect(distance(low, high)).toBeGreaterThan(80);
      for (const end of [low, high]) expect(distance(end, middle)).toBeGreaterThan(80);
    },
  );

  it("falls back where a theme has no colours, or not such as we read", () => {
    const odd = mapColors("theme", { kind: "light", color: () => "color(display-p3 1 0 0)" });
    expect(odd.background).toEqual([255, 255, 255]);
    expect(odd.foreground).toEqual([59, 59, 59]);
  });
});

describe("withLightness", () => {
  it("finds the lightness", () => {
    for (const wanted of [10, 40, 60, 90])
      expect(lightness(withLightness([55, 148, 255], wanted))).toBeCloseTo(wanted, 0);
  });
});

describe("inkOn", () => {
  it("gives text at least 4.5 : 1", () => {
    for (let i = 0; i <= 255; i += 5) {
      const back: Color = [i, (i * 7) % 256, (i * 13) % 256];
      const [a, b] = [luminance(back) + 0.05, luminance(inkOn(back)) + 0.05];
      expect(Math.max(a, b) / Math.min(a, b)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe("parseColor", () => {
  it.each([
    ["#fff", [255, 255, 255]],
    [" #1E1e1F ", [30, 30, 31]],
    ["#3794ff80", [55, 148, 255]],
    ["rgb(1, 2, 3)", [1, 2, 3]],
    ["rgba(1 2 3 / 50%)", [1, 2, 3]],
    ["rgba(10.4, 300, 3, 0.5)", [10, 255, 3]],
    ["transparent", undefined],
    ["#12345", undefined],
    ["", undefined],
  ])("reads %j", (text, color) => {
    expect(parseColor(text)).toEqual(color);
  });
});
