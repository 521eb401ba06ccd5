/** Share of a text that statistics are collected on; the rest is evaluated. */
const CALIBRATION_SHARE = 0.6;

export interface TextParts {
  readonly calibration: string;
  readonly evaluation: string;
}

/** Cuts a text behind a line end into a part to calibrate on and one to evaluate, which have nothing in common. */
export function splitText(text: string): TextParts {
  const wanted = Math.floor(text.length * CALIBRATION_SHARE);
  const line = text.lastIndexOf("\n", wanted);
  const cut = line > 0 ? line + 1 : wanted;
  return { calibration: text.slice(0, cut), evaluation: text.slice(cut) };
}
