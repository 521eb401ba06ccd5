import type { Color } from "./color-ramp.js";

const HEX = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i;
const FUNCTION = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i;

/** A colour as VS Code's themes write them; transparency is left out. Undefined for other forms. */
export function parseColor(text: string): Color | undefined {
  const hex = HEX.exec(text.trim())?.[1];
  if (hex !== undefined) {
    const digits = hex.length < 6 ? [...hex].map((digit) => digit + digit).join("") : hex;
    const channel = (at: number): number => Number.parseInt(digits.slice(at, at + 2), 16);
    return [channel(0), channel(2), channel(4)];
  }
  const found = FUNCTION.exec(text.trim());
  if (found === null) return undefined;
  const channel = (at: 1 | 2 | 3): number => Math.min(255, Math.round(Number(found[at])));
  return [channel(1), channel(2), channel(3)];
}
