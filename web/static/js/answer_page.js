/** Which page of a lookup's outcomes an answer is, and what is put into it: what api/pages.py decides on the server. */

const TOWN_FROM = 6;

/**
 * The page that says `found`, or the address of the beat that it is for certain.
 *
 * @returns {{content: DocumentFragment, title: string} | {address: string}}
 */
export function pageOf(found, outcomes, config) {
  if (found.places) return ofPlaces(found, outcomes);
  if (found.message) return outcomes.page("not_found", { message: found.message, typed: found.typed });
  const { reading, entry, typed } = found;
  const asked = found.asked ?? `${reading.outward} ${reading.inward}`;
  const corrected = Boolean(found.corrected ?? reading?.corrected);
  const values = { asked, typed: found.as_typed ?? reading?.typed ?? typed, corrected, ...notesOf(entry) };
  if (!entry || entry.outcome === "unlocated") return notFound(found, outcomes, values);
  if (entry.outcome === "one") return ofOne(entry, outcomes, config, values);
  if (entry.outcome === "many") return ofMany(entry, outcomes, config, found.method ?? outcomes.facts.postcode_method, values);
  if (entry.outcome === "outside") {
    return outcomes.page(entry.neighbour ? "outside" : "outside-unnamed", { ...values, neighbour: entry.neighbour });
  }
  return outcomes.page(entry.outcome, values);
}

function ofOne(entry, outcomes, config, values) {
  const { slug, name, district } = entry.beats[0];
  // Where one organisation's post goes need not be where anybody lives or works, so it is said before the team.
  const address = addressOf(slug, config);
  if (!values.corrected && !values.large_user) return { address };
  return outcomes.page(values.corrected ? "one-corrected" : "one", { ...values, address, beat: name, district });
}

function ofMany(entry, outcomes, config, method, values) {
  const count = entry.beats.length;
  const isTown = count >= TOWN_FROM;
  const several = new Set(entry.beats.map((beat) => beat.district)).size > 1;
  const choices = entry.beats.map((beat, i) => ({
    address: addressOf(beat.slug, config),
    beat: beat.name,
    rank: entry.shares[i],
    share: isTown ? "" : shareLine(entry.shares[i], method, outcomes),
    district: several ? outcomes.message("district", { district: beat.district }) : "",
    near: entry.near?.[i]?.length ? outcomes.message("near", { names: outcomes.listed(entry.near[i]) }) : "",
  }));
  choices.sort(isTown ? (a, b) => (a.beat.toLowerCase() < b.beat.toLowerCase() ? -1 : 1) : (a, b) => b.rank - a.rank);
  const heading = outcomes.message(`many-${count}`, values);
  return outcomes.page(isTown ? "many-town" : "many", { ...values, heading, choices });
}

const addressOf = (slug, config) => config.beats.replace("⟪slug⟫", slug);

function shareLine(share, method, outcomes) {
  const step = outcomes.facts.share_steps.findIndex((least) => share >= least);
  return outcomes.message(`share-${method}-${step}`);
}

/** Each note by its code, and the distance that one of them speaks of. */
function notesOf(entry) {
  const notes = {};
  for (const [code, distance] of entry?.notes ?? []) {
    notes[code] = true;
    if (distance !== undefined) notes.distance = distance;
  }
  return notes;
}

function notFound({ reading, entry, outward_known: known, typed }, outcomes, values) {
  const why = entry ? "unlocated" : reading.doubt ? `doubt-${reading.doubt}` : known ? "unknown" : "unknown-outward";
  const { outward, inward } = reading;
  const never = [...outcomes.facts.rules.never_inward].filter((letter) => inward.includes(letter));
  const letters = /^[A-Z]{2}/.test(outward) ? outward.slice(0, 2) : outward.slice(0, 1);
  const told = { ...values, outward, postcode: values.asked, letters, odd: never.join(" or ") };
  const message = outcomes.message(why, told);
  return outcomes.page("not_found", { ...values, typed: typed.trim(), message, elsewhere: reading.doubt ? "" : values.asked });
}

function ofPlaces(found, outcomes) {
  const values = { asked: found.asked, typed: found.typed, message: found.message, places: found.places };
  return outcomes.page(found.none ? "not_found" : "ambiguous", values);
}
