import type { PageContext } from "../page.js";
import type { TrialCard, TrialSetting } from "./trial-board.js";
import { type TrialPictureInput, TrialPictures } from "./trial-pictures.js";

export interface TrialPictureSetInput extends Omit<TrialPictureInput, "result" | "errorEnd"> {
  labelOf(setting: TrialSetting): string;
}

/**
 * The pictures of all cards that are drawn, each made in its card's elements when it first has a result. Their error maps
 * share one colour scale, to the largest error of all, so that they can be compared by eye.
 */
export class TrialPictureSet {
  readonly #body: HTMLElement;
  readonly #context: PageContext;
  readonly #byCard = new Map<number, TrialPictures>();
  #again: () => void = () => {};

  constructor(body: HTMLElement, context: PageContext) {
    this.#body = body;
    this.#context = context;
  }

  /** After the cards were drawn. */
  update(cards: readonly TrialCard[], set: TrialPictureSetInput): void {
    this.#again = () => this.update(cards, set);
    const { labelOf, ...input } = set;
    for (const [key, pictures] of this.#byCard) {
      if (cards.some((card) => card.key === key && card.result !== undefined)) continue;
      pictures.dispose();
      this.#byCard.delete(key);
    }
    const errorEnd = this.#errorEnd();
    for (const { key, phase, result, setting } of cards) {
      if (phase !== "done" || result === undefined) continue;
      const pictures = this.#byCard.get(key) ?? this.#make(key, labelOf(setting));
      pictures?.setLabel(labelOf(setting));
      pictures?.update({ ...input, result, errorEnd });
    }
  }

  themeChanged(): void {
    for (const pictures of this.#byCard.values()) pictures.themeChanged(this.#context.theme);
  }

  clear(): void {
    for (const pictures of this.#byCard.values()) pictures.dispose();
    this.#byCard.clear();
    this.#again = () => {};
  }

  #errorEnd(): number | undefined {
    const known = [...this.#byCard.values()].flatMap(({ largestError }) => largestError ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  #make(key: number, label: string): TrialPictures | undefined {
    const card = this.#body.querySelector(`[data-key="${key}"]`);
    const histogram = card?.querySelector<HTMLElement>(".trial-histogram");
    const map = card?.querySelector<HTMLElement>(".trial-map");
    if (!histogram || !map) return undefined;
    const pictures = new TrialPictures(histogram, map, label, this.#context, () => this.#again());
    this.#byCard.set(key, pictures);
    return pictures;
  }
}
