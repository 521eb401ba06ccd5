import { InvalidArgumentError } from "commander";

/** Parser of an option that is a whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It is a whole number ${range}.`);
  };
}

/** Parser of an option that is a decimal number for which `isAllowed`; `allowed` says which these are. */
export function decimalNumber(isAllowed: (value: number) => boolean, allowed: string): (text: string) => number {
  return (text) => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isFinite(number) && isAllowed(number)) return number;
    throw new InvalidArgumentError(`It is ${allowed}.`);
  };
}
