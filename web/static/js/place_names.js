/** Names of places and streets folded to one form for comparing: the rules of geo_policing/domain/place_names.py. */

const LAST_WORD = {
  ave: "avenue", av: "avenue", cl: "close", cres: "crescent", cresc: "crescent", ct: "court", crt: "court", dr: "drive",
  drv: "drive", gdn: "garden", gdns: "gardens", gr: "grove", grn: "green", grv: "grove", la: "lane", ln: "lane",
  pde: "parade", pk: "park", pl: "place", rd: "road", rdg: "ridge", rw: "row", sq: "square", st: "street", str: "street",
  ter: "terrace", terr: "terrace", wk: "walk", wlk: "walk", wy: "way",
};
const ANY_WORD = { gt: "great", lt: "little", ltl: "little", upr: "upper", lwr: "lower", st: "saint" };
const LEFT_OUT = /[\p{M}'’‘`ʼ′.\u00ad]/gu;
const HOUSE = /^(?:(?:flat|unit|apartment|apt) [\p{L}\p{N}_]+ )?[0-9]{1,4}[a-z]?(?: [0-9]{1,4}[a-z]?)? (?=[^0-9])/u;

/** `name` in lower case without accents, apostrophes or punctuation, short forms written out; "" for nothing. */
export function fold(name) {
  const text = name.toLowerCase().replaceAll("ß", "ss").replaceAll("&", " and ").normalize("NFKD").replace(LEFT_OUT, "");
  const words = text.replace(/[^\p{L}\p{N}]/gu, " ").split(/\s+/).filter(Boolean);
  const folded = words.map((word) => own(ANY_WORD, word) ?? word);
  if (words.length > 1) folded[folded.length - 1] = own(LAST_WORD, words.at(-1)) ?? folded.at(-1);
  return folded.join(" ");
}

/** A folded address without the house or flat number before the street. */
export const withoutHouseNumber = (folded) => folded.replace(HOUSE, "");

/** The shard in which a folded name stands: its first two letters. */
export const keyOf = (folded) =>
  [...folded].slice(0, 2).join("").padEnd(2, "_").replace(/[^a-z0-9]/g, "_");

const own = (table, word) => (Object.hasOwn(table, word) ? table[word] : undefined);
