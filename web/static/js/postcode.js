/**
 * Reading postcodes as people type them, by the rules of geo_policing/domain/postcodes.py and services/free_text.py.
 * What these rules hold of names and letters comes from the server (`rules`), so that only the reading itself is
 * written twice; tests run both over the same inputs.
 *
 * @typedef {{areas: string[], endings: Record<string, string>, never_inward: string, served_by_others: string[],
 *   territories: string[], longest: number, latitude: [number, number]}} Rules
 * @typedef {{outward: string, inward: string, corrected: boolean, typed: string, doubt: string, name_first: boolean}}
 *   Reading `doubt` names why there can be no such postcode ("" for none); where `name_first` is true the text is
 *   first of all the name of a place
 */

const SHAPES = { 2: ["A9"], 3: ["A99", "AA9", "A9A"], 4: ["AA99", "AA9A"] };
const AS_DIGIT = { O: "0", I: "1", L: "1" };
const AS_LETTERS = { 0: "O", 1: "IL" };
const STRICT = String.raw`([A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2})`;
const COUNTRY = String.raw`(?:[ ,.]+(?:UK|U\.K|GB|United Kingdom|Great Britain|England))?`;
const AT_END = new RegExp(String.raw`(?:^|[\s,])${STRICT}${COUNTRY}[ ,.]*$`, "i");
const AT_START = new RegExp(String.raw`^${STRICT}(?:( ?[,;])| [^,;])`, "i");
const ORDINALS = ["1ST", "2ND", "3RD", "4TH", "5TH", "6TH", "7TH", "8TH", "9TH", "0TH"];
const DEGREES = String.raw`([+-]?[0-9]{1,3}(?:\.[0-9]+)?)\s*°?\s*([NSEW]?)`;
const TWO_DEGREES = new RegExp(String.raw`^\(?${DEGREES}\s*[,;\s]\s*${DEGREES}\)?$`, "i");
const TWO_METRES = /^\(?(?:E\s*)?([0-9]{3,7}(?:\.[0-9]+)?)\s*[,;\s]\s*(?:N\s*)?([0-9]{3,7}(?:\.[0-9]+)?)\)?$/i;
const GRID_REF = /^[HJNOST][A-HJ-Z][0-9]{2,10}$/;
const INVISIBLE = /[\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad]/g;
const NO_TEXT = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Cf}]/u;
// Forms of other countries that nobody types for a British place.
const FOREIGN = [
  /^[ACDEFHKNPRTVWXY]\p{Nd}[\p{Nd}W] ?[0-9ACDEFHKNPRTVWXY]{4}$/u,
  /^[ABCEGHJ-NPRSTVXY]\p{Nd}[A-Z][ -]?\p{Nd}[A-Z]\p{Nd}$/u,
  /^\p{Nd}{4} ?[A-Z]{2}$/u,
  /^\p{Nd}{5}-\p{Nd}{4}$/u,
  /^\p{Nd}{4}-\p{Nd}{3}$/u,
  /^\p{Nd}{2}-\p{Nd}{3}$/u,
  /^(?:[A-Z]{1,2}-)?\p{Nd}{4,6}$/u,
];

/**
 * The postcode that a line of free text asks for, null where it asks for something else or cannot be read.
 *
 * @param {string} text
 * @param {Rules} rules
 * @returns {Reading | null}
 */
export function postcodeIn(text, rules) {
  const value = clean(text);
  if (!value || [...text].length > 200 || areCoordinates(value, rules)) return null;
  const end = AT_END.exec(value);
  const atEnd = end && ofKnownArea(readPostcode(end[1], rules), rules);
  if (atEnd) return atEnd;
  const start = AT_START.exec(value);
  const atStart = start && ofKnownArea(readPostcode(start[1], rules), rules);
  if (atStart) {
    // "B1 1st Avenue" is a flat and a street, unless a comma says that "B1 1ST" stands for itself.
    const isFlat = start[2] === undefined && ORDINALS.includes(atStart.inward);
    return isFlat ? { ...atStart, typed: value, name_first: true } : atStart;
  }
  const reading = readPostcode(value, rules);
  if (!reading) return null;
  const asName = !/\p{Nd}/u.test(value) || GRID_REF.test(value.toUpperCase().replace(/[\s,]/g, ""));
  return asName ? { ...reading, name_first: true } : reading;
}

/**
 * `text` as one full postcode, forgiving case, spaces, punctuation, and O/0 and I/1 (l/1) by position; null for none.
 *
 * @param {string} text
 * @param {Rules} rules
 * @returns {Reading | null}
 */
export function readPostcode(text, rules) {
  if ([...text].length > rules.longest) return null;
  const compact = [...text.normalize("NFKC").toUpperCase()].filter((c) => /[\p{L}\p{N}]/u.test(c)).join("");
  if (compact === "GIR0AA") return reading("GIR", "0AA", text, false, "girobank");
  const isTerritory = rules.territories.some((start) => compact.startsWith(start));
  if (compact.length < 5 || compact.length > 7 || isTerritory) return null;
  const outward = bestOutward(compact.slice(0, -3), rules);
  const inward = readInward(compact.slice(-3));
  if (!outward || !inward) return null;
  const slips = outward.slips + inward.slips;
  // Digits alone, or mostly, are another country's code or a slip of the hand, not one of O and I.
  if (slips > 0 && (slips > Math.floor(compact.length / 2) || isForeign(text))) return null;
  const doubt = doubtAbout(outward.text, inward.text, rules);
  return reading(outward.text, inward.text, text, slips > 0, doubt);
}

/** `text` without invisible characters, its white space made single spaces; "" where it is no text. */
export function clean(text) {
  const cleaned = text.replace(INVISIBLE, "").split(/\s+/).filter(Boolean).join(" ");
  return NO_TEXT.test(cleaned) ? "" : cleaned;
}

/** The letters that an outward code begins with. */
export const areaOf = (outward) => (/^[A-Z]$/i.test(outward[1] ?? "") ? outward.slice(0, 2) : outward.slice(0, 1));

const reading = (outward, inward, typed, corrected, doubt) =>
  ({ outward, inward, typed, corrected, doubt, name_first: false });

const ofKnownArea = (found, rules) => (found && rules.areas.includes(areaOf(found.outward)) ? found : null);

function areCoordinates(value, rules) {
  const degrees = TWO_DEGREES.exec(value);
  if (degrees) {
    const [, first, firstSide, second, secondSide] = degrees.map((part) => part.toUpperCase());
    const swapped = ["E", "W"].includes(firstSide) || ["N", "S"].includes(secondSide);
    const latitude = swapped ? signed(second, secondSide) : signed(first, firstSide);
    const [south, north] = rules.latitude;
    if (firstSide || value.includes(".") || (south <= latitude && latitude <= north)) return true;
  }
  return TWO_METRES.test(value);
}

const signed = (number, side) => (["S", "W"].includes(side) && !number.startsWith("-") ? -Number(number) : Number(number));

/** The likeliest outward code. A known area goes before fewer slips: "S01" is SO1, not an area S with district 01. */
function bestOutward(typed, rules) {
  const found = [];
  for (const shape of SHAPES[typed.length] ?? []) {
    for (const text of product([...typed].map((character, i) => readingsOf(character, shape[i])))) {
      if (!isPossible(text, shape, rules)) continue;
      found.push({ text, strange: !rules.areas.includes(areaOf(text)), slips: differences(text, typed) });
    }
  }
  found.sort((a, b) => a.strange - b.strange || a.slips - b.slips || (a.text < b.text ? -1 : 1));
  return found[0] ?? null;
}

function readInward(typed) {
  const digit = readingsOf(typed[0], "9");
  const letters = [...typed.slice(1)].map((character) => readingsOf(character, "A").slice(-1));
  if (!digit || !letters.every(Boolean)) return null;
  const text = digit + letters.join("");
  return { text, slips: differences(text, typed) };
}

function readingsOf(character, kind) {
  if (kind === "9") return /^[0-9]$/.test(character) ? character : AS_DIGIT[character] ?? "";
  return /^[A-Z]$/.test(character) ? character : AS_LETTERS[character] ?? "";
}

const product = (choices) =>
  choices.reduce((begun, next) => begun.flatMap((text) => [...next].map((character) => text + character)), [""]);

const differences = (a, b) => [...a].filter((character, i) => character !== b[i]).length;

function isPossible(outward, shape, rules) {
  if (shape.endsWith("99")) return outward.at(-2) !== "0";
  return shape === "A9" || shape === "AA9" || (rules.endings[areaOf(outward)] ?? "").includes(outward.at(-1));
}

function isForeign(text) {
  const upper = text.toUpperCase().split(/\s+/).filter(Boolean).join(" ");
  return FOREIGN.some((form) => form.test(upper));
}

function doubtAbout(outward, inward, rules) {
  const area = areaOf(outward);
  if (rules.served_by_others.includes(area)) return `served-${area}`;
  if (!rules.areas.includes(area)) return "area";
  return [...inward].some((character) => rules.never_inward.includes(character)) ? "letters" : "";
}
