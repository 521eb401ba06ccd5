/** The styles that `paint` sets and ends: bold, dim, red, green, yellow. */
const OWN_STYLE = "\\u001b\\[(?:1|2|22|31|32|33|39)m";

/** Characters that steer a terminal or change the order of the text around them. */
const STEERING = "[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]";

const PATTERN = new RegExp(`${OWN_STYLE}|${STEERING}`, "gu");

/**
 * `text` for a terminal: names come from files that anybody may have written, so control characters, line ends and
 * marks of text direction appear as \uNNNN. Our own styles stay.
 */
export function printable(text: string): string {
  return text.replace(PATTERN, (found) =>
    found.length > 1 ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
