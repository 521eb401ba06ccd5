import type { AxisProfile } from "../../protocol/tensor-messages.js";
import { formatReal } from "../format-figures.js";
import { spanText } from "../outlier-map/map-text.js";
import { t } from "../texts.js";

export type ProfileAxis = "rows" | "columns";

/** First row (or column) and length of a span. */
export function profileSpan(
  { step, size }: AxisProfile,
  span: number,
): { readonly begin: number; readonly length: number } {
  const begin = span * step;
  return { begin, length: Math.min(step, size - begin) };
}

/** Middles of the spans: where they stand on the axis. */
export function spanMiddles(profile: AxisProfile): number[] {
  return Array.from(profile.rms, (_, span) => {
    const { begin, length } = profileSpan(profile, span);
    return begin + (length - 1) / 2;
  });
}

/** "rows 8–15: largest |w| 0.31, RMS 0.021, mean −0.0003" */
export function spanFiguresText(axis: ProfileAxis, profile: AxisProfile, span: number): string {
  const { begin, length } = profileSpan(profile, span);
  const place = spanText(begin, length);
  const name =
    axis === "rows"
      ? length === 1
        ? t("row {0}", place)
        : t("rows {0}", place)
      : length === 1
        ? t("column {0}", place)
        : t("columns {0}", place);
  return t(
    "{0}: largest |w| {1}, RMS {2}, mean {3}",
    name,
    formatReal(profile.absMaximum[span]!),
    formatReal(profile.rms[span]!),
    formatReal(profile.mean[span]!),
  );
}

/** Spans with the largest |w|, largest first. */
export function topSpans({ absMaximum }: AxisProfile, count: number): readonly number[] {
  return Array.from(absMaximum, (value, span) => ({ value, span }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value || a.span - b.span)
    .slice(0, count)
    .map(({ span }) => span);
}

/** The picture in words. */
export function profileSummary(axis: ProfileAxis, profile: AxisProfile): string {
  const top = topSpans(profile, 1)[0];
  if (top === undefined) return t("No finite values.");
  const rms = profile.rms.filter((value) => Number.isFinite(value)).sort();
  return t(
    "The largest weight lies in {0}. RMS from {1} to {2}, median {3}.",
    spanFiguresText(axis, profile, top),
    formatReal(rms[0] ?? Number.NaN),
    formatReal(rms.at(-1) ?? Number.NaN),
    formatReal(rms[rms.length >> 1] ?? Number.NaN),
  );
}
