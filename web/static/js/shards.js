/**
 * What is known of the postcodes of one outward code, as services/postcode_shards.py writes it. Asking for a shard
 * tells the server the outward code ("CB1") and nothing more.
 *
 * @typedef {{outcome: string, beats?: {slug: string, name: string, district: string}[], shares?: number[],
 *   near?: string[][], neighbour?: string, notes?: [string, number?][]}} Entry
 */

const INWARD = 3;

const WAIT_MS = 15_000;

/** What `url` answers; an Error where it does not, or not in time. Browsers that know no time limit wait. */
export async function fetched(url) {
  const response = await fetch(url, { credentials: "omit", signal: AbortSignal.timeout?.(WAIT_MS) });
  if (!response.ok) throw new Error(`${response.status}`);
  return response;
}

/** The JSON at `url`; an Error as of `fetched`. */
export async function load(url) {
  return (await fetched(url)).json();
}

/**
 * What `shard` answers for an inward code; null where it has none such.
 *
 * @returns {Entry | null}
 */
export function entryOf(shard, inward) {
  if (holds(shard.terminated, inward)) return { outcome: "terminated" };
  if (holds(shard.unlocated, inward)) return { outcome: "unlocated" };
  const other = shard.other[inward];
  if (other) return withBeats(shard, other);
  const whole = shard.one.findIndex((codes) => holds(codes, inward));
  if (whole >= 0) return withBeats(shard, { outcome: "one", beats: [whole] });
  const outside = Object.entries(shard.outside).find(([, codes]) => holds(codes, inward));
  return outside ? { outcome: "outside", neighbour: outside[0] } : null;
}

/** `entry` with the beats themselves in the place of their numbers. */
export function withBeats(shard, entry) {
  const beats = (entry.beats ?? []).map((row) => shard.beats[row]);
  return {
    ...entry,
    beats: beats.map(([slug, name, district]) => ({ slug, name, district })),
    shares: entry.shares ?? beats.map(() => 1),
  };
}

/** True where `codes`, run together three characters each, have `inward` among them. */
function holds(codes, inward) {
  for (let at = codes.indexOf(inward); at >= 0; at = codes.indexOf(inward, at + 1)) {
    if (at % INWARD === 0) return true;
  }
  return false;
}
