/**
 * Text that names contain, whatever the case, or a glob when it has *, ? or []: then `*` also matches dots, as on the
 * command line. Undefined: everything passes.
 */
export function nameFilter(filter: string): ((name: string) => boolean) | undefined {
  if (filter === "") return undefined;
  if (/[*?]|\[.+\]/.test(filter)) return globFilter(filter);
  const wanted = filter.toLowerCase();
  return (name) => name.toLowerCase().includes(wanted);
}

/** One character of the pattern: `*`, or what a character of the name must be. */
type Step = "any" | ((character: string) => boolean);

/**
 * Matches without going back further than the last `*`: what is typed here runs over every name of a model at once, and a
 * regular expression of many stars may take years.
 */
function globFilter(pattern: string): (name: string) => boolean {
  const steps = globSteps(pattern);
  return (name) => {
    let step = 0;
    let at = 0;
    let lastAny = -1;
    let resumeAt = 0;
    while (at < name.length) {
      const wanted = steps[step];
      if (wanted === "any") {
        lastAny = step;
        resumeAt = at;
        step += 1;
      } else if (wanted?.(name[at]!)) {
        step += 1;
        at += 1;
      } else if (lastAny >= 0) {
        resumeAt += 1;
        at = resumeAt;
        step = lastAny + 1;
      } else return false;
    }
    while (steps[step] === "any") step += 1;
    return step === steps.length;
  };
}

function globSteps(pattern: string): readonly Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    const end = character === "[" ? pattern.indexOf("]", at + 2) : -1;
    if (character === "*") {
      if (steps.at(-1) !== "any") steps.push("any");
    } else if (character === "?") steps.push(() => true);
    else if (end > 0) {
      steps.push(characterClass(pattern.slice(at + 1, end)));
      at = end;
    } else steps.push((found) => found === character);
  }
  return steps;
}

/** "0-9a", "!a-z". */
function characterClass(text: string): (character: string) => boolean {
  const isNegated = text.startsWith("!") || text.startsWith("^");
  const members = isNegated ? text.slice(1) : text;
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at++) {
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    ranges.push([members[at]!, members[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  return (character) => ranges.some(([first, last]) => character >= first && character <= last) !== isNegated;
}
