import { describe, expect, it } from "vitest";
import { drawCellValues, hasRoomForValues } from "./draw-cell-values.js";
import { drawLegend } from "./draw-legend.js";
import { drawMapInset, insetSize } from "./draw-map-inset.js";
import { drawOutlierMap, type MapScene, type TileLayer, windowRectangle } from "./draw-outlier-map.js";
import { drawOutlierMarkers } from "./draw-outlier-markers.js";
import { drawExport, exportSize } from "./export-map.js";
import { COLORS, recordingContext, somePicture } from "./map-context.fixture.js";

const WHOLE = { row: 0, rows: 100, column: 0, columns: 200 };
const PIXELS = { width: 400, height: 100 };

function layer(picture = somePicture(WHOLE, 10, 10), hasHoles = false): TileLayer {
  return { picture, image: { name: "tiles" } as unknown as CanvasImageSource, hasHoles };
}

function scene(change: Partial<MapScene> = {}): MapScene {
  return { viewport: WHOLE, pixels: PIXELS, layers: [layer()], colors: COLORS, line: 1, ...change };
}

describe("windowRectangle", () => {
  it("places cells on the canvas", () => {
    const viewport = { row: 10, rows: 20, column: 50, columns: 100 };
    const window = { row: 15, rows: 5, column: 40, columns: 20 };
    expect(windowRectangle(window, viewport, PIXELS)).toEqual({ x: -40, y: 25, width: 80, height: 25 });
  });
});

describe("drawOutlierMap", () => {
  it("draws one picture a layer, unsmoothed, whatever the number of tiles", () => {
    const context = recordingContext();
    const big = somePicture({ row: 0, rows: 1000, column: 0, columns: 1000 });
    drawOutlierMap(context, scene({ layers: [layer(big), layer(big)] }));
    expect(context.imageSmoothingEnabled).toBe(false);
    expect(context.calls.filter(({ name }) => name === "drawImage")).toHaveLength(2);
    expect(context.calls.length).toBeLessThan(20);
  });

  it("scales a layer to where its cells lie in the viewport", () => {
    const context = recordingContext();
    const detail = somePicture({ row: 20, rows: 20, column: 40, columns: 40 });
    drawOutlierMap(
      context,
      scene({ viewport: { row: 25, rows: 10, column: 50, columns: 20 }, layers: [layer(detail)] }),
    );
    const [, ...place] = context.calls.find(({ name }) => name === "drawImage")!.args;
    expect(place).toEqual([-200, -50, 800, 200]);
  });

  it("cuts the last tiles off at the border of the matrix", () => {
    const context = recordingContext();
    // 3 tiles of 10 columns cover 25: the image is drawn 30 wide and clipped at 25.
    const picture = somePicture({ row: 0, rows: 10, column: 0, columns: 25 }, 10, 10);
    drawOutlierMap(
      context,
      scene({
        viewport: { row: 0, rows: 10, column: 0, columns: 25 },
        pixels: { width: 250, height: 100 },
        layers: [layer(picture)],
      }),
    );
    expect(context.calls.find(({ name }) => name === "rect")!.args).toEqual([0, 0, 250, 100]);
    expect(context.calls.find(({ name }) => name === "drawImage")!.args.slice(1)).toEqual([0, 0, 300, 100]);
  });

  it("hatches behind tiles without finite values, and only there where some are", () => {
    const plain = recordingContext();
    drawOutlierMap(plain, scene());
    expect(plain.calls.some(({ name }) => name === "lineTo")).toBe(false);
    const holes = recordingContext();
    drawOutlierMap(holes, scene({ layers: [layer(somePicture(WHOLE, 10, 10), true)] }));
    expect(holes.calls.filter(({ name }) => name === "lineTo").length).toBeGreaterThan(10);
    const names = holes.calls.map(({ name }) => name);
    expect(names.lastIndexOf("stroke")).toBeLessThan(names.indexOf("drawImage"));
  });

  it("frames the cursor twice, so that it is seen on every colour, at least 9 pixels wide", () => {
    const context = recordingContext();
    drawOutlierMap(context, scene({ cursor: { row: 50, column: 100 } }));
    const frames = context.calls.filter(({ name }) => name === "strokeRect");
    expect(frames.map(({ strokeStyle }) => strokeStyle)).toEqual(["rgb(1 1 1)", "rgb(3 3 3)"]);
    const [x, y, width, height] = frames[0]!.args as number[];
    expect([x! + width! / 2, y! + height! / 2]).toEqual([201, 50.5]);
    expect(Math.min(width!, height!)).toBeGreaterThanOrEqual(9);
  });
});

describe("drawOutlierMarkers", () => {
  const withCounts = (counts: Float32Array): TileLayer =>
    layer({ ...somePicture(WHOLE, 10, 10), outlierCount: counts });

  it("rings the tiles that hold outliers, within what is shown", () => {
    const counts = new Float32Array(200);
    counts[0] = 1;
    counts[21] = 3;
    counts[199] = 2;
    const context = recordingContext();
    const viewport = { row: 0, rows: 50, column: 0, columns: 100 };
    expect(drawOutlierMarkers(context, withCounts(counts), scene({ viewport }))).toBe("marked");
    expect(context.calls.filter(({ name }) => name === "rect").map(({ args }) => args)).toEqual([
      [0, 0, 40, 20],
      [40, 20, 40, 20],
    ]);
  });

  it("draws nothing for none, and for more than can be told apart", () => {
    const context = recordingContext();
    expect(drawOutlierMarkers(context, layer(), scene())).toBe("none");
    const many = {
      ...somePicture({ row: 0, rows: 100, column: 0, columns: 100 }),
      outlierCount: new Float32Array(10000).fill(1),
    };
    expect(drawOutlierMarkers(context, layer(many), scene({ viewport: { ...WHOLE, columns: 100 } }))).toBe("too-many");
    expect(context.calls.some(({ name }) => name === "stroke")).toBe(false);
  });
});

describe("drawCellValues", () => {
  it("has room only when cells are large", () => {
    expect(hasRoomForValues(scene())).toBe(false);
    expect(hasRoomForValues(scene({ viewport: { row: 0, rows: 5, column: 0, columns: 8 } }))).toBe(true);
    expect(hasRoomForValues(scene({ viewport: { row: 0, rows: 5, column: 0, columns: 8 }, line: 2 }))).toBe(false);
  });

  it("writes each known value into the middle of its cell, in an ink that is read", () => {
    const context = recordingContext();
    const viewport = { row: 10, rows: 2, column: 20, columns: 4 };
    drawCellValues(
      context,
      scene({ viewport }),
      (row, column) => (row === 10 ? `${row},${column}` : undefined),
      (_row, column) => (column === 20 ? [0, 0, 0] : [255, 255, 255]),
      "mono",
    );
    expect(context.calls.map(({ args, fillStyle }) => [...args, fillStyle])).toEqual([
      ["10,20", 50, 25, 96, "rgb(255 255 255)"],
      ["10,21", 150, 25, 96, "rgb(0 0 0)"],
      ["10,22", 250, 25, 96, "rgb(0 0 0)"],
      ["10,23", 350, 25, 96, "rgb(0 0 0)"],
    ]);
  });
});

describe("drawLegend", () => {
  it("fills the bar without gaps and writes the ends' numbers", () => {
    const context = recordingContext();
    drawLegend(context, {
      scale: { kind: "linear", low: 0, high: 8, unit: 2 },
      colors: COLORS,
      x: 10,
      y: 5,
      width: 300,
      line: 1,
      fontFamily: "mono",
      formatValue: (value) => `${value} σ`,
    });
    const bar = context.calls.filter(({ name, args }) => name === "fillRect" && args[3] === 12);
    let end = 10;
    for (const { args } of bar) {
      expect(args[0]).toBe(end);
      end += args[2] as number;
    }
    expect(end).toBe(310);
    expect(context.calls.filter(({ name }) => name === "fillText").map(({ args }) => args[0])).toEqual([
      "0 σ",
      "1 σ",
      "2 σ",
      "3 σ",
      "4 σ",
    ]);
  });
});

describe("the inset", () => {
  it("keeps the shape of the matrix within its limits", () => {
    expect(insetSize({ rows: 100, columns: 200 }, { width: 1000, height: 300 })).toEqual({ width: 200, height: 100 });
    for (const size of [
      { rows: 1, columns: 1e6 },
      { rows: 1e6, columns: 1 },
      { rows: 1, columns: 1 },
    ]) {
      const { width, height } = insetSize(size, { width: 500, height: 300 });
      expect(width >= 8 && width <= 100 && height >= 8 && height <= 100).toBe(true);
    }
  });

  it("frames what the map shows", () => {
    const context = recordingContext();
    const viewport = { row: 25, rows: 50, column: 100, columns: 50 };
    drawMapInset(
      context,
      scene({ viewport, pixels: { width: 200, height: 100 }, cursor: { row: 1, column: 1 } }),
      WHOLE,
    );
    const frames = context.calls.filter(({ name }) => name === "strokeRect");
    expect(frames.map(({ args }) => args)).toEqual([
      [100, 25, 50, 50],
      [100, 25, 50, 50],
    ]);
  });
});

describe("drawExport", () => {
  it("puts title, map and legend under each other, none outside the picture", () => {
    const context = recordingContext();
    const exported = {
      map: scene(),
      title: ["model.weight", "BF16", "whole"],
      scale: { kind: "linear", low: 0, high: 1, unit: 1 } as const,
      fontFamily: "mono",
      formatValue: String,
    };
    const size = exportSize(exported);
    drawExport(context, exported);
    const [, top] = context.calls.find(({ name }) => name === "translate")!.args as number[];
    const texts = context.calls.filter(({ name }) => name === "fillText");
    expect(texts.slice(0, 3).map(({ args }) => args[0])).toEqual(exported.title);
    for (const { args } of texts.slice(0, 3)) expect(args[2] as number).toBeLessThan(top!);
    for (const { args } of texts.slice(3)) {
      expect(args[2] as number).toBeGreaterThan(top! + PIXELS.height);
      expect((args[2] as number) + 11).toBeLessThanOrEqual(size.height);
    }
  });
});
