/**
 * The search form, answered in the browser where it asks for a postcode: what was typed stays on the device, and the
 * server learns of no more than the outward code ("CB1"). Anything else, and whatever goes wrong here, goes the way
 * that it takes without a script. On pages in files there is no such way, and places are looked up here too.
 */

import { t } from "./language.js";
import { Outcomes } from "./outcomes.js";
import { pageOf } from "./answer_page.js";
import { clean, postcodeIn } from "./postcode.js";
import { entryOf, load } from "./shards.js";
import { Shown } from "./shown.js";

const SLOW_MS = 400;

const config = document.querySelector("form[data-shards]")?.dataset;
const isStatic = config?.static === "true";
const main = document.getElementById("main");
let words = null;
let pending = false;

if (config && main) begin();

function begin() {
  const beat = isStatic && new URLSearchParams(location.search).get("beat");
  // A frame asks for one beat by a query, to which a file cannot answer.
  if (beat && /^[a-z0-9-]+$/.test(beat)) location.replace(config.beats.replace("⟪slug⟫", beat));
  const shown = new Shown(main);
  for (const form of document.querySelectorAll("form[hidden][data-static]")) form.hidden = false;
  document.addEventListener("focusin", (event) => event.target.closest?.("form[data-shards]") && prepare().catch(() => {}));
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const isPlace = event.submitter?.name === "place_id";
    if (!("finds" in form.dataset) || form.dataset.sent || (isPlace && !isStatic)) return;
    event.preventDefault();
    if (!pending) answer(form, event.submitter, shown);
  });
}

/** Get the words once, as soon as somebody is about to type. */
function prepare() {
  words ??= Outcomes.load(config.outcomes).catch((error) => {
    words = null;
    throw error;
  });
  return words;
}

async function answer(form, submitter, shown) {
  const said = waiting();
  pending = true;
  try {
    const found = await found_for(form, submitter);
    if (!found) send(form, submitter);
    else if (found.address) location.assign(found.address);
    else shown.show(found);
  } catch {
    // A shard that did not come, or a fault of ours: the server can still answer.
    if (isStatic) shown.trouble(t("The answer could not be loaded. Check your connection and try again."));
    else send(form, submitter);
  } finally {
    pending = false;
    said();
  }
}

/** The page or the address that answers a form; null where the server has to. */
async function found_for(form, submitter) {
  const outcomes = await prepare();
  const typed = submitter?.name === "postcode" ? submitter.value : form.elements.postcode?.value ?? "";
  if (submitter?.name === "place_id" || isStatic) {
    const { findPlace } = await import("./static_find.js");
    const found = await findPlace(typed, submitter, { config, outcomes, postcode: () => of_postcode(typed, outcomes) });
    return found && pageOf(found, outcomes, config);
  }
  const found = await of_postcode(typed, outcomes);
  return found && pageOf(found, outcomes, config);
}

/** What is known of the postcode that `typed` asks for; null where it asks for none. */
async function of_postcode(typed, outcomes) {
  const { facts } = outcomes;
  const reading = postcodeIn(typed, facts.rules);
  if (!reading) return null;
  const { outward, inward } = reading;
  const has = facts.outward.includes(outward);
  const entry = has ? entryOf(await load(config.shards.replace("⟪outward⟫", outward)), inward) : null;
  // What may be a name as well is a postcode only where there is such a one and no place of that name.
  if (reading.name_first && (!entry || facts.names_like_postcodes.includes(clean(typed).toLowerCase()))) return null;
  return { reading, entry, outward_known: has, typed };
}

/** Send the form as if there were no script; a form that is still being asked whether to send takes no other call. */
function send(form, submitter) {
  setTimeout(() => {
    form.dataset.sent = "true";
    form.requestSubmit(submitter);
    delete form.dataset.sent;
  });
}

/** Say that it takes a while, once it does; gives what ends that. */
function waiting() {
  main.setAttribute("aria-busy", "true");
  const status = document.getElementById("finding") ?? document.body.appendChild(statusElement());
  const timer = setTimeout(() => { status.textContent = t("Looking up…"); }, SLOW_MS);
  return () => {
    clearTimeout(timer);
    status.textContent = "";
    main.removeAttribute("aria-busy");
  };
}

function statusElement() {
  const status = document.createElement("p");
  status.id = "finding";
  status.className = "unseen";
  status.setAttribute("role", "status");
  return status;
}
