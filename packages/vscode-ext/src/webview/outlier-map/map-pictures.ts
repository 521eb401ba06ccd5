import type { Ask } from "../../protocol/rpc-client.js";
import type { MapPicture } from "../../protocol/tensor-messages.js";
import type { Theme } from "../theme.js";
import type { TileLayer } from "./draw-outlier-map.js";
import { type MapColors, mapColors } from "./map-colors.js";
import { countsOutliers, type MapInput, mapQuery, sameFigures } from "./map-input.js";
import { type ColorScale, colorScale } from "./map-shading.js";
import { isWhole, type MatrixViewport, type PixelSize, wholeMatrix } from "./matrix-viewport.js";
import { tileLayer } from "./tile-canvas.js";
import { createTileLoader, type TileLoader } from "./tile-loader.js";
import { tileRequest } from "./tile-request.js";

/** What a map is asked to show at the moment. */
export interface MapSituation {
  readonly input: MapInput | undefined;
  readonly viewport: MatrixViewport | undefined;
  readonly theme: Theme;
}

export interface MapPictureEvents {
  /** One has come, of the whole matrix or of the detail. It is not in colours yet. */
  onPicture(picture: MapPicture, isOfWhole: boolean): void;
  onColored(): void;
  onFailure(error: unknown): void;
}

/** Canvas sizes are asked for in such steps, so that dragging the editor's border does not read the weight anew each time. */
const SIZE_STEP = 64;

/**
 * The pictures of a map: the whole matrix, and in detail what is shown of it. Both stay until others have come, together
 * with the input that they were made for: colours and words follow `look`, not what is still on its way.
 */
export class MapPictures {
  readonly #document: Document;
  readonly #situation: () => MapSituation;
  readonly #events: MapPictureEvents;
  readonly #wholeLoader: TileLoader;
  readonly #detailLoader: TileLoader;
  #look: MapInput | undefined;
  #whole: MapPicture | undefined;
  #detail: MapPicture | undefined;
  #layers: readonly TileLayer[] = [];
  #colors: MapColors | undefined;
  #scale: ColorScale | undefined;

  constructor(request: Ask, document: Document, situation: () => MapSituation, events: MapPictureEvents) {
    this.#document = document;
    this.#situation = situation;
    this.#events = events;
    const onFailure = (error: unknown): void => events.onFailure(error);
    this.#wholeLoader = createTileLoader(request, { onPicture: (picture) => this.#takeWhole(picture), onFailure });
    this.#detailLoader = createTileLoader(request, {
      onPicture: (picture) => {
        this.#detail = this.#counted(picture);
        events.onPicture(this.#detail, false);
        this.recolor();
      },
      onFailure,
    });
  }

  get look(): MapInput | undefined {
    return this.#look;
  }

  get whole(): MapPicture | undefined {
    return this.#whole;
  }

  /** From the back to the front. */
  get layers(): readonly TileLayer[] {
    return this.#layers;
  }

  get colors(): MapColors | undefined {
    return this.#colors;
  }

  get scale(): ColorScale | undefined {
    return this.#scale;
  }

  /** What words and table are about: the detail where there is one, else the whole. */
  get current(): MapPicture | undefined {
    return this.#detail !== undefined && !this.#isAllShown() ? this.#detail : this.#whole;
  }

  get state(): "loading" | "coarse" | "complete" {
    const { input } = this.#situation();
    const isAll = this.#isAllShown();
    const picture = isAll ? this.#whole : this.#detail;
    const loader = isAll ? this.#wholeLoader : this.#detailLoader;
    if (picture === undefined || input === undefined || this.#look === undefined || !sameFigures(input, this.#look))
      return "loading";
    return picture.isCoarse || loader.isLoading ? "coarse" : "complete";
  }

  /** Asks for what is shown at the resolution of a canvas, and for the whole matrix, which lies under it. */
  ask(canvas: PixelSize, delayMilliseconds: number): void {
    const { input, viewport } = this.#situation();
    if (input === undefined || viewport === undefined) return;
    const stepped = (length: number): number => Math.max(SIZE_STEP, Math.round(length / SIZE_STEP) * SIZE_STEP);
    const pixels = { width: stepped(canvas.width), height: stepped(canvas.height) };
    const wholeQuery = mapQuery(input, tileRequest(wholeMatrix(input), input, pixels));
    if (wholeQuery === undefined) {
      this.stopAsking();
      return;
    }
    this.#wholeLoader.want(wholeQuery, delayMilliseconds);
    if (this.#isAllShown()) {
      this.#detailLoader.forget();
      return;
    }
    const detailQuery = mapQuery(input, tileRequest(viewport, input, pixels));
    if (detailQuery !== undefined) this.#detailLoader.want(detailQuery, delayMilliseconds);
  }

  /** The next `ask` asks, whatever was on its way. */
  stopAsking(): void {
    this.#wholeLoader.forget();
    this.#detailLoader.forget();
  }

  /** After the viewport has moved. */
  followViewport(): void {
    if (this.#isAllShown()) this.#detail = undefined;
    const layers = this.#detail === undefined ? 1 : 2;
    if (this.#look?.rangeOfWindow === true || this.#layers.length !== layers) this.recolor();
  }

  clear(): void {
    [this.#whole, this.#detail, this.#look, this.#layers] = [undefined, undefined, undefined, []];
  }

  /** Colours the pictures anew: other tiles, another scale, another theme. */
  recolor(): void {
    const { input, theme } = this.#situation();
    const whole = this.#whole;
    if (this.#look === undefined || whole === undefined) return;
    const look = input !== undefined && sameFigures(input, this.#look) ? input : this.#look;
    this.#look = look;
    const before = { layers: this.#layers, look: JSON.stringify([this.#colors, this.#scale]) };
    const colors = mapColors(look.colors, theme);
    const source = look.rangeOfWindow ? (this.current ?? whole) : whole;
    const { logarithmic, std, scaleEnd } = look;
    const scale = colorScale(look.shading, source, { logarithmic, std, end: scaleEnd });
    [this.#colors, this.#scale] = [colors, scale];
    const isSameLook = before.look === JSON.stringify([colors, scale]);
    this.#layers = [whole, ...(this.#detail === undefined ? [] : [this.#detail])].map(
      (picture) =>
        (isSameLook && before.layers.find((layer) => layer.picture === picture)) ||
        tileLayer(picture, scale, colors, this.#document),
    );
    this.#events.onColored();
  }

  #takeWhole(picture: MapPicture): void {
    const { input } = this.#situation();
    if (this.#look === undefined || input === undefined || !sameFigures(this.#look, input)) this.#detail = undefined;
    this.#look = input;
    this.#whole = this.#counted(picture);
    this.#events.onPicture(this.#whole, true);
    this.recolor();
  }

  /** Counts of a threshold that nobody set mean nothing. */
  #counted(picture: MapPicture): MapPicture {
    const { input } = this.#situation();
    if (input !== undefined && countsOutliers(input)) return picture;
    const { outlierCount: _meaningless, ...rest } = picture;
    return rest;
  }

  #isAllShown(): boolean {
    const { input, viewport } = this.#situation();
    return input === undefined || viewport === undefined || isWhole(viewport, input);
  }
}
