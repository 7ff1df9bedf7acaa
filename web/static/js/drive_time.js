import { ask } from "./api.js";
import { Bands } from "./bands.js";
import { Catchments } from "./catchments.js";
import { ChangeMap, changeWith } from "./changes.js";
import { t, tn } from "./language.js";
import { latest } from "./latest.js";
import { L } from "./leaflet.js";
import { makeMap, markerAt } from "./map.js";
import { TrialBase } from "./trial_base.js";

const place = document.getElementById("drive-map");
if (place) start(place, JSON.parse(place.dataset.config));

/** Put a map that can be asked in the place of the picture; the text of the page stays what it is. */
function start(where, config) {
  const tools = element("div", "map-tools");
  const board = element("div", "map");
  board.id = "map";
  board.setAttribute("role", "region");
  board.setAttribute("aria-label", t("Map of drive times. Arrow keys move it, plus and minus zoom."));
  const answer = element("div", "map-answer");
  answer.setAttribute("role", "status");
  const hint = t("Choose a point on the map to see how long it takes to get there.");
  answer.append(element("p", "", hint));
  where.replaceChildren(tools, board, answer);

  const map = makeMap(board, config.map);
  const bands = new Bands(config.bands).addTo(map);
  const say = (text, ...more) => answer.replaceChildren(element("p", "", text), ...more);
  const common = { minutes: config.minutes.join(","), profile: config.profile };

  addBases(map, config);
  const drawBases = latest(
    async (value, signal) => bands.show(await ask("/api/v1/isochrones", value, signal)),
    (error) => say(error.message),
  );
  const change = () => changeWith(config, trial.text());
  const showBases = () => {
    if (config.bases.some((base) => base.state !== "closed")) drawBases({ ...common, ...config.change });
  };

  const trial = new TrialBase({
    map, bands, config, say, ask: common, change,
    began: () => drawBases.stop(),
    rested: () => { catchments.refresh(false); changed.refresh(false); },
    ended: () => { say(hint); showBases(); catchments.refresh(false); changed.refresh(false); },
  });
  const catchments = new Catchments({ map, config, say, change });
  const changed = new ChangeMap({ map, config, say, change });
  tools.append(...trial.buttons, catchments.label, changed.label);
  if (config.trial) trial.add(L.latLng(config.trial));
  else showBases();

  const nearest = latest(async ({ point, marker }, signal) => {
    const found = await ask("/api/v1/nearest-base", { ...change(), lat: point.lat.toFixed(5), lon: point.lng.toFixed(5), profile: config.profile }, signal);
    marker.bindTooltip(inMinutes(found.duration_s)).openTooltip();
    const move = element("button", "", t("Put the trial base here"));
    move.type = "button";
    move.addEventListener("click", () => { trial.add(point); trial.focus(); });
    say(spoken(point, found), move);
  }, (error) => say(error.message));

  let asked = null;
  map.on("click", ({ latlng }) => {
    if (asked) map.removeLayer(asked);
    asked = markerAt(latlng, { className: "asked-mark", size: 16, keyboard: false, interactive: false }).addTo(map);
    nearest({ point: latlng, marker: asked });
  });
  // Enter on the map asks for its middle, so that a keyboard can do what a click does.
  map.on("keypress", ({ originalEvent }) => {
    if (originalEvent.key === "Enter" && originalEvent.target === board) map.fire("click", { latlng: map.getCenter() });
  });
}

function addBases(map, config) {
  for (const { lat, lon, name, state } of config.bases) {
    const content = state === "closed" ? "×" : "";
    const told = state === "closed" ? t("%(base)s, closed or moved away", { base: name }) : name;
    markerAt([lat, lon], { className: `base-mark ${state}`, content, size: 14, keyboard: false, alt: told })
      .bindTooltip(element("span", "", told))
      .addTo(map);
  }
}

function spoken({ lat, lng }, found) {
  const place = `${lat.toFixed(4)}, ${lng.toFixed(4)}`;
  if (found.place.offset_m === null) {
    return t("The point at %(place)s has no road within %(metres)s m.", { place, metres: found.max_offset_m });
  }
  const reached = found.bases.filter((base) => base.duration_s !== null);
  if (!reached.length) return t("The point at %(place)s cannot be reached by road from any base.", { place });
  const drives = reached.slice(0, 3).map(({ duration_s, id, name }) => {
    const base = id.startsWith("open-") ? t("the trial base") : name;
    return t("%(time)s from %(base)s", { time: inMinutes(duration_s), base });
  });
  if (drives.length === 1) return t("The point at %(place)s is %(drive)s by car.", { place, drive: drives[0] });
  const [drive, ...others] = drives;
  return t("The point at %(place)s is %(drive)s by car; %(others)s.", { place, drive, others: others.join("; ") });
}

function inMinutes(seconds) {
  if (seconds === null) return t("No way by road");
  return tn("%(num)s minute", "%(num)s minutes", Math.max(1, Math.round(seconds / 60)));
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
