import { ask } from "./api.js";
import { Bands } from "./bands.js";
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
  board.setAttribute("aria-label", "Map of drive times. Arrow keys move it, plus and minus zoom.");
  const answer = element("div", "map-answer");
  answer.setAttribute("role", "status");
  const hint = "Choose a point on the map to see how long it takes to get there.";
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
  const showBases = () => {
    if (config.chosen.length) drawBases({ ...common, base: config.chosen });
  };

  const trial = new TrialBase({
    map, bands, config, say, ask: common,
    began: () => drawBases.stop(),
    ended: () => { say(hint); showBases(); },
  });
  tools.append(...trial.buttons, catchmentSwitch(map, config, say));
  if (config.trial) trial.add(L.latLng(config.trial));
  else showBases();

  const nearest = latest(async ({ point, marker }, signal) => {
    const found = await ask("/api/v1/nearest-base", { lat: point.lat.toFixed(5), lon: point.lng.toFixed(5), profile: config.profile }, signal);
    marker.bindTooltip(inMinutes(found.duration_s)).openTooltip();
    const move = element("button", "", "Put the trial base here");
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
  for (const base of config.bases) {
    if (!config.chosen.includes(base.id)) continue;
    markerAt([base.lat, base.lon], { className: "base-mark", size: 14, keyboard: false, alt: base.name })
      .bindTooltip(base.name)
      .addTo(map);
  }
}

/** A tick that shows to which base each part of the force is nearest; the text above the map says how many live there. */
function catchmentSwitch(map, config, say) {
  const tick = element("input");
  tick.type = "checkbox";
  const label = element("label", "tick");
  label.append(tick, "which base is nearest");
  let layer = null;
  const closed = config.bases.map((base) => base.id).filter((id) => !config.chosen.includes(id));
  const show = latest(async (wanted, signal) => {
    layer?.remove();
    layer = null;
    if (!wanted) return;
    const areas = await ask("/api/v1/catchments", { profile: config.profile, ...(closed.length ? { close: closed } : {}) }, signal);
    layer = catchmentLayer(areas).addTo(map);
    const said = areas.features.map(({ properties }) => `${properties.name} to ${properties.residents.toLocaleString("en-GB")}`);
    say(`The nearest base by road, in residents: ${said.join("; ")}.`);
  }, (error) => { tick.checked = false; say(error.message); });
  tick.addEventListener("change", () => show(tick.checked));
  return label;
}

/** Outlines with the base's name in the middle: no colour has to be told from another. */
function catchmentLayer(areas) {
  return L.geoJSON(areas, {
    interactive: false,
    style: { className: "catchment", color: "#16232b", weight: 3, dashArray: "1 6", lineCap: "round", fill: false },
    onEachFeature: ({ properties }, layer) =>
      layer.bindTooltip(properties.name, { permanent: true, direction: "center", className: "catchment-name" }),
  });
}

function spoken({ lat, lng }, found) {
  const here = `The point at ${lat.toFixed(4)}, ${lng.toFixed(4)}`;
  if (found.place.offset_m === null) return `${here} has no road within ${found.max_offset_m} m.`;
  const reached = found.bases.filter((base) => base.duration_s !== null);
  if (!reached.length) return `${here} cannot be reached by road from any base.`;
  const [first, ...others] = reached.slice(0, 3).map((base) => `${inMinutes(base.duration_s)} from ${base.name}`);
  return `${here} is ${first} by car${others.length ? `; ${others.join("; ")}` : ""}.`;
}

function inMinutes(seconds) {
  if (seconds === null) return "No way by road";
  const minutes = Math.max(1, Math.round(seconds / 60));
  return `${minutes} minute${minutes === 1 ? "" : "s"}`;
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
