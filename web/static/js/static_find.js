/**
 * Places and streets on pages in files, where no server can look them up: in shards by the first letters of the name.
 * Tried in this order, as the server does (services/place_search.py): the name as written; the name with what tells
 * it apart ("Mill Road, Cambridge"); the same without a house number; the beginning of a name; a few letters wrong,
 * though not the first two. The last two are shown as a correction.
 */

import { clean } from "./postcode.js";
import { fold, keyOf, withoutHouseNumber } from "./place_names.js";
import { load, withBeats } from "./shards.js";

const MOST_OPTIONS = 30;
const MOST_GUESSES = 10;
const LEAST_LETTERS = 3;

let offered = new Map();

/**
 * What a form on such a page asks for, as `pageOf` takes it.
 *
 * @param {string} typed
 * @param {HTMLElement | null} submitter
 * @param {{config: DOMStringMap, outcomes: any, postcode: () => Promise<any>}} means
 */
export async function findPlace(typed, submitter, { config, outcomes, postcode }) {
  if (submitter?.name === "place_id" && offered.has(submitter.value)) return answerOf(offered.get(submitter.value));
  const text = clean(typed);
  if (!text) return { message: outcomes.message("empty"), typed };
  if (outcomes.facts.phone_numbers.includes(text)) return { message: outcomes.message("no-call"), typed };
  const asked = await postcode();
  if (asked) return asked;
  const { places, asWritten } = await search(text, shardsOf(config, new Set(outcomes.facts.place_keys)));
  offered = new Map(places.map((place) => [place.id, place]));
  if (!places.length) return { message: outcomes.message("no-place", { typed: shortened(text) }), typed };
  if (places.length === 1) return answerOf(places[0], asWritten ? null : text);
  return choice(text, places, outcomes);
}

/** The names of one shard, each with its places; none where no name begins so. Each shard is loaded once. */
function shardsOf(config, keys) {
  const loaded = new Map();
  return (folded) => {
    const key = keyOf(folded);
    if (!keys.has(key)) return new Map();
    if (!loaded.has(key)) loaded.set(key, namesOf(config.places.replace("⟪key⟫", key)));
    return loaded.get(key);
  };
}

async function namesOf(url) {
  const shard = await load(url);
  return new Map(Object.entries(shard.names).map(([name, all]) => [name, all.map((place) => withBeats(shard, place))]));
}

async function search(text, shard) {
  const whole = fold(text);
  const parts = text.split(",").map(fold).filter(Boolean);
  for (const [name, tellers] of waysToRead(whole, parts)) {
    const places = name ? toldApart((await shard(name)).get(name) ?? [], tellers) : [];
    if (places.length) return { places: distinct(places).slice(0, MOST_OPTIONS), asWritten: true };
  }
  const [name, ...tellers] = parts.map(withoutHouseNumber);
  if (!name || name.replaceAll(" ", "").length < LEAST_LETTERS) return { places: [], asWritten: false };
  const names = await shard(name);
  const begun = toldApart([...names].filter(([other]) => other.startsWith(name)).flatMap(([, all]) => all), tellers);
  const guessed = begun.length ? begun : misspelt(name, names, tellers);
  return { places: distinct(guessed).slice(0, MOST_GUESSES), asWritten: false };
}

/** Each way in which the text may be meant, the likeliest first: a name, and what tells it apart. */
function waysToRead(whole, parts) {
  const bare = withoutHouseNumber(whole);
  const ways = [[whole, []], [bare, []]];
  if (parts.length > 1) ways.push([parts[0], parts.slice(1)], [withoutHouseNumber(parts[0]), parts.slice(1)]);
  const words = bare.split(" ");
  for (let cut = words.length - 1; cut > 0; cut -= 1) {
    const name = words.slice(0, cut);
    // Folded again: the last word of a shorter name may be a short form ("high st ely").
    if (name.at(-1) === "saint") name[name.length - 1] = "st";
    ways.push([fold(name.join(" ")), [words.slice(cut).join(" ")]]);
  }
  return ways;
}

/** Those of `places` that fit the most of `tellers`, at least one; all where there are none. */
function toldApart(places, tellers) {
  if (!tellers.length) return places;
  const fits = places.map((place) => tellers.filter((teller) => isTold(teller, place)).length);
  const best = Math.max(0, ...fits);
  return best ? places.filter((_, i) => fits[i] === best) : [];
}

/** True where what was typed to tell a place apart is some words of what it is near, or that with a few letters wrong. */
function isTold(teller, place) {
  return [place.near, place.in].map(fold).some((known) => {
    if (!known) return false;
    const allowed = Math.min(2, Math.floor(teller.length / 4));
    const words = known.split(" ");
    return teller.split(" ").every((word) => words.includes(word)) || distance(teller, known, allowed) <= allowed;
  });
}

function misspelt(name, names, tellers) {
  const allowed = Math.min(3, Math.floor(name.length / 4));
  const near = [...names].map(([other, all]) => [distance(name, other, allowed), all]).filter(([slips]) => slips <= allowed);
  for (let slips = 1; slips <= allowed; slips += 1) {
    const told = toldApart(near.filter(([each]) => each === slips).flatMap(([, all]) => all), tellers);
    if (told.length) return told;
  }
  return [];
}

/** How many letters are wrong, missing, added or swapped (optimal string alignment); above `most` any larger number. */
function distance(a, b, most) {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let [before, last] = [[], [...Array(b.length + 1).keys()]];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}

/**
 * `places` without wards and districts named after a settlement of their own district, and with one for all that
 * nobody could tell apart and that have the same beat for their answer.
 */
function distinct(places) {
  const towns = new Set(places.filter((place) => place.kind === "settlement").map((place) => place.in));
  const own = places.filter((place) => !["ward", "district"].includes(place.kind) || !towns.has(place.in));
  const kept = new Map();
  for (const place of own) {
    const sole = place.outcome === "one" ? place.beats[0].slug : place.id;
    const label = [place.name, place.kind, place.near, place.in, sole].join("\n");
    if (!kept.has(label)) kept.set(label, place);
  }
  return [...kept.values()];
}

function answerOf(place, corrected = null) {
  const asked = place.as ?? place.name;
  const about = { entry: place, asked, method: place.method, typed: asked };
  return corrected === null ? about : { ...about, corrected: true, as_typed: corrected };
}

function choice(text, places, outcomes) {
  const sameName = new Set(places.map((place) => place.name)).size === 1;
  const message = sameName
    ? outcomes.message(`named-${places.length}`, { name: places[0].name })
    : outcomes.message("several", { typed: shortened(text) });
  const told = places.map((place) => ({ id: place.id, name: place.name, about: aboutPlace(place, outcomes) }));
  return { places: told, asked: text, typed: text, message };
}

/** What tells a place from others of its name, as api/choices.py words it. */
function aboutPlace(place, outcomes) {
  const values = { near: place.near, district: place.in };
  const isSame = place.near && place.near === place.in;
  if (isSame) return outcomes.message(`place-${place.kind}-same-`, values);
  const within = place.in && place.in !== place.name ? "in" : "";
  return outcomes.message(`place-${place.kind}-${place.near ? "near" : ""}-${within}`, values);
}

const shortened = (text) => ([...text].length > 40 ? [...text].slice(0, 40).join("") + "…" : text);
