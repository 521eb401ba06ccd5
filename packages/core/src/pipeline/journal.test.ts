import { describe, expect, it } from "vitest";
import { checkFingerprint, journalHead, journalLine, parseJournal } from "./journal.js";

const fingerprint = { settings: "rtn bits=4", "input files": "abc" };
const entries = [
  { tensor: "a.weight", seconds: 0.5 },
  { tensor: 'b "quoted"\n.weight', seconds: 0 },
];
const text = journalHead(fingerprint) + entries.map(journalLine).join("");

describe("parseJournal", () => {
  it("reads what was written", () => {
    expect(parseJournal(text)).toEqual({ fingerprint, entries, completeLength: text.length });
  });

  it("ignores a torn last line, wherever it is torn", () => {
    const lastLine = text.length - journalLine(entries[1]!).length;
    for (let length = lastLine; length < text.length; length++) {
      const journal = parseJournal(text.slice(0, length))!;
      expect(journal.entries).toEqual([entries[0]]);
      expect(journal.completeLength).toBe(lastLine);
    }
  });

  it("knows nothing before the head is complete", () => {
    expect(parseJournal("")).toBeUndefined();
    expect(parseJournal(journalHead(fingerprint).slice(0, -1))).toBeUndefined();
  });

  it.each(["nonsense\n", "{}\n", `${journalHead(fingerprint)}{"tensor":3}\n`, `${journalHead(fingerprint)}null\n`])(
    "refuses complete lines that it did not write: %j",
    (damaged) => {
      expect(() => parseJournal(damaged)).toThrowError(expect.objectContaining({ code: "pipeline/resume-damaged" }));
    },
  );
});

describe("checkFingerprint", () => {
  it("accepts an equal one", () => {
    expect(() => checkFingerprint(fingerprint, { ...fingerprint })).not.toThrow();
  });

  it("names what differs, with both values", () => {
    expect(() => checkFingerprint(fingerprint, { ...fingerprint, settings: "rtn bits=3" })).toThrowError(
      expect.objectContaining({
        code: "pipeline/resume-mismatch",
        message: expect.stringContaining("settings was rtn bits=4, is now rtn bits=3") as string,
        facts: { differing: ["settings"] },
      }),
    );
  });
});
