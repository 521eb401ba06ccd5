/** A point of a picture that is to have a label beside it, in pixels. */
export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  /** Of the label. */
  readonly width: number;
  readonly height: number;
}

/** Upper left corner of a label. */
export interface LabelPlace {
  readonly left: number;
  readonly top: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Distances of a label from its point that are tried, and directions: right first, then around. */
const DISTANCES = [7, 14, 24, 36, 50, 66, 84, 104, 128];
const DIRECTIONS = [0, 1, -1, 2, -2, 8, 7, -7, 6, -6, 4, -4, 3, -3, 5, -5].map((step) => (step * Math.PI) / 8);
/** Room that points keep free. */
const POINT_RADIUS = 5;
const GAP = 1;

/**
 * A place for every label, in order, so that labels cover neither each other nor a point and stay inside `area`; undefined
 * where there is no free place near the point.
 * @param taken more places that labels must not cover
 */
export function placeLabels(
  points: readonly LabelledPoint[],
  area: Box,
  taken: readonly Box[] = [],
): (LabelPlace | undefined)[] {
  const boxes: Box[] = [
    ...taken,
    ...points.map(({ x, y }) => ({
      left: x - POINT_RADIUS,
      top: y - POINT_RADIUS,
      right: x + POINT_RADIUS,
      bottom: y + POINT_RADIUS,
    })),
  ];
  return points.map((point) => {
    for (const distance of DISTANCES) {
      for (const direction of DIRECTIONS) {
        const box = boxAt(point, distance, direction);
        if (!contains(area, box) || boxes.some((other) => overlaps(box, other))) continue;
        boxes.push(box);
        return { left: box.left, top: box.top };
      }
    }
    return undefined;
  });
}

/** The label's nearest edge lies at `distance` from the point, in that direction. */
function boxAt({ x, y, width, height }: LabelledPoint, distance: number, direction: number): Box {
  const [dx, dy] = [Math.cos(direction), Math.sin(direction)];
  const centerX = x + dx * (distance + width / 2);
  const centerY = y + dy * (distance + height / 2);
  return {
    left: centerX - width / 2,
    top: centerY - height / 2,
    right: centerX + width / 2,
    bottom: centerY + height / 2,
  };
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom + GAP && b.top < a.bottom + GAP;
}

function contains(area: Box, box: Box): boolean {
  return box.left >= area.left && box.right <= area.right && box.top >= area.top && box.bottom <= area.bottom;
}
