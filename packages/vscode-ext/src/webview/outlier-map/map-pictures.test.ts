import { describe, expect, it, vi } from "vitest";
import type { MapPicture, MapQuery } from "../../protocol/tensor-messages.js";
import { fakeContext } from "../fake-context.fixture.js";
import type { MapInput } from "./map-input.js";
import { MapPictures, type MapSituation } from "./map-pictures.js";

vi.mock("./tile-canvas.js", () => ({
  tileLayer: (picture: MapPicture) => ({ picture, image: {}, hasHoles: false }),
}));

const INPUT: MapInput = {
  name: "w",
  side: { kind: "own" },
  rows: 512,
  columns: 512,
  shading: "magnitude",
  std: 1,
  colors: "grey",
  logarithmic: false,
  rangeOfWindow: false,
  markOutliers: false,
};
const WHOLE = { row: 0, rows: 512, column: 0, columns: 512 };
const PART = { row: 128, rows: 64, column: 64, columns: 64 };
const CANVAS = { width: 256, height: 256 };

function setUp() {
  const { theme, request, paramsOf } = fakeContext({
    "tensor/map": ({ window, maxWidth, maxHeight }: MapQuery): MapPicture => ({
      window,
      tileRows: window.rows / maxHeight,
      tileColumns: window.columns / maxWidth,
      tilesDown: maxHeight,
      tilesAcross: maxWidth,
      values: new Float32Array(maxWidth * maxHeight).fill(window.rows),
      outlierCount: new Float32Array(maxWidth * maxHeight),
      isCoarse: false,
    }),
  });
  let situation: MapSituation = { input: INPUT, viewport: WHOLE, theme };
  const events = { onPicture: vi.fn(), onColored: vi.fn(), onFailure: vi.fn() };
  const pictures = new MapPictures(request, {} as Document, () => situation, events);
  const change = (next: Partial<MapSituation>): void => {
    situation = { ...situation, ...next };
  };
  return { pictures, events, change, queries: () => paramsOf("tensor/map") as MapQuery[] };
}

describe("MapPictures", () => {
  it("asks for the whole matrix, and for the part that is shown of it", async () => {
    const { pictures, change, queries } = setUp();
    expect(pictures.state).toBe("loading");
    pictures.ask(CANVAS, 0);
    await vi.waitFor(() => expect(pictures.state).toBe("complete"));
    expect(queries()).toHaveLength(1);
    change({ viewport: PART });
    pictures.ask(CANVAS, 0);
    expect(pictures.state).toBe("loading");
    await vi.waitFor(() => expect(pictures.state).toBe("complete"));
    expect(queries()).toHaveLength(2);
    expect(pictures.layers).toHaveLength(2);
    expect(pictures.current?.window).toMatchObject(queries()[1]!.window);
    // The scale stays that of the whole: another part is not another colour.
    expect(pictures.scale?.high).toBe(512);
    change({ viewport: WHOLE });
    pictures.followViewport();
    expect(pictures.layers).toHaveLength(1);
  });

  it("keeps the input that the pictures were made for until others have come", async () => {
    const { pictures, change } = setUp();
    pictures.ask(CANVAS, 0);
    await vi.waitFor(() => expect(pictures.state).toBe("complete"));
    const sign: MapInput = { ...INPUT, shading: "sign" };
    change({ input: sign });
    pictures.ask(CANVAS, 0);
    pictures.recolor();
    expect([pictures.look?.shading, pictures.state]).toEqual(["magnitude", "loading"]);
    await vi.waitFor(() => expect(pictures.look).toBe(sign));
  });

  it("takes over what changes only colours, and an end of the scale that is shared", async () => {
    const { pictures, events, change } = setUp();
    pictures.ask(CANVAS, 0);
    await vi.waitFor(() => expect(events.onPicture).toHaveBeenCalledOnce());
    change({ input: { ...INPUT, scaleEnd: 2000 } });
    pictures.recolor();
    expect(pictures.scale?.high).toBe(2000);
    expect(events.onColored).toHaveBeenCalledTimes(2);
  });

  it("drops counts of outliers where no threshold is set", async () => {
    const { pictures } = setUp();
    pictures.ask(CANVAS, 0);
    await vi.waitFor(() => expect(pictures.whole).toBeDefined());
    expect(pictures.whole).not.toHaveProperty("outlierCount");
  });
});
