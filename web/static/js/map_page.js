import { t } from "./language.js";
import { L } from "./leaflet.js";
import { makeMap, markerAt, wantsStillness } from "./map.js";
import { asText, layersOf, namesOf, outlineOf } from "./map_beats.js";
import { whereAmI } from "./map_locate.js";
import { beatAt, beatsNear, distanceTo, readShapes } from "./map_shapes.js";

const HIDDEN_AT_FIRST = ["areas", "response_base"];
const MOST_NAMED = 6;
const place = document.getElementById("force-map");
if (place) start(place, JSON.parse(place.dataset.config));

/** Put a map that can be asked in the place of the picture, once it has what it shows; until then the picture stays. */
async function start(where, config) {
  let shapes;
  try {
    const response = await fetch(config.beats);
    if (!response.ok) throw new Error(response.status);
    shapes = readShapes(await response.json());
  } catch {
    const sorry = element("p", "inset", t("The map that you can move could not be loaded. The list below has all that is on it."));
    sorry.setAttribute("role", "status");
    where.append(sorry);
    return;
  }
  const { board, tools, answer } = parts();
  where.replaceChildren(tools, board);
  document.getElementById("map-side").prepend(answer);
  const map = makeMap(board, config.map);
  board.append(element("div", "crosshair"));
  const teller = new Teller(map, answer, shapes, config);
  const layers = layersOf(shapes, config, (chosen) => teller.tellPlace(chosen));
  const shown = new Set(Object.keys(layers).filter((name) => !HIDDEN_AT_FIRST.includes(name)));
  const names = namesOf(shapes, shown);
  for (const name of shown) map.addLayer(layers[name]);
  map.addLayer(names);
  addSwitches(map, layers, names, shown);
  tools.append(...locateButton(teller));
  map.on("click", ({ latlng }) => teller.tellPoint(latlng));
  // Enter on the map asks for its middle, so that a keyboard can do what a click does.
  map.on("keypress", ({ originalEvent }) => {
    if (originalEvent.key === "Enter" && originalEvent.target === board) teller.tellPoint(map.getCenter());
  });
}

function parts() {
  const tools = element("div", "map-tools");
  const board = element("div", "map beats-map");
  board.id = "map";
  board.setAttribute("role", "region");
  board.setAttribute("aria-label", t("Map. Arrow keys move it, plus and minus zoom, Enter tells whose beat its middle is."));
  const answer = element("div", "map-answer");
  answer.setAttribute("role", "status");
  answer.append(element("p", "", t("Choose a point on the map to see its local team.")));
  return { tools, board, answer };
}

/** Says in words, and shows on the map, whose beat a point is. All of it comes from what is on the page already. */
class Teller {
  constructor(map, answer, shapes, config) {
    Object.assign(this, { map, answer, shapes, config, marked: null });
  }

  say(...nodes) {
    this.answer.replaceChildren(...nodes);
  }

  sayText(text) {
    this.say(element("p", "", text));
  }

  tellPlace({ kind, name, address }) {
    this.sayText([kindName(kind), name, address].filter(Boolean).join(" – "));
  }

  /** A point that somebody chose on the map. */
  tellPoint({ lat, lng }) {
    const beat = beatAt(this.shapes.beats, lat, lng);
    const marker = markerAt([lat, lng], { className: "asked-mark", size: 16, keyboard: false, interactive: false });
    // On a phone the words may be below the fold; this is the same for the eye, at the finger.
    if (beat) marker.bindTooltip(asText(beat.name), { permanent: true, direction: "top", offset: [0, -8], className: "asked-name" });
    this.mark(beat ? [beat] : [], marker);
    if (!beat) {
      this.sayText(t("This point is outside the area of %(force)s.", { force: this.config.force }));
      return;
    }
    // What is drawn may be smoothed by so much; close to a border the page does not claim to know.
    const close = beatsNear(this.shapes.beats, lat, lng, beat.offBy_m);
    this.sayBeats(close.length > 1 ? t("This point is close to a border. Its local team is one of these:") : t("The local team here:"), close);
  }

  /** The reader's own place, rounded, with how far off it may be. */
  tellLocation({ lat, lon, accuracy_m }) {
    const { beats } = this.shapes;
    const circle = L.circle([lat, lon], { radius: accuracy_m, className: "location-circle", interactive: false });
    const close = beatsNear(beats, lat, lon, accuracy_m);
    if (!close.length) {
      this.mark([], null);
      this.sayText(this.outside(Math.min(...beats.map((beat) => distanceTo(beat, lat, lon)))));
      return;
    }
    this.mark(close.slice(0, MOST_NAMED).map(({ beat }) => beat), circle);
    this.map.fitBounds(circle.addTo(this.map).getBounds().extend(L.latLngBounds(close[0].beat.polygons.flat(2))), { animate: !wantsStillness(), maxZoom: 14 });
    const metres = Math.ceil(accuracy_m / 50) * 50;
    const text =
      close.length === 1
        ? t("Your local team:")
        : t("Your place is known to within about %(metres)s m, so your local team is one of these, the likeliest first:", { metres });
    this.sayBeats(text, close);
  }

  outside(distance_m) {
    const { force } = this.config;
    if (!Number.isFinite(distance_m)) return t("No plan of beats is in force today, so there is no team to name.");
    const km = Math.round(distance_m / 1000);
    const far = t("You seem to be about %(km)s km outside the area of %(force)s, so none of these teams is yours.", { km, force });
    return km < 1 ? t("You seem to be just outside the area of %(force)s.", { force }) : far;
  }

  sayBeats(text, close) {
    const lead = element("p", "", text);
    const list = element("ul", "map-teams");
    for (const { beat } of close.slice(0, MOST_NAMED)) {
      const item = element("li");
      const told = document.getElementById(`beat-${beat.slug}`);
      // The list on this page has the beat's link and its PCSO, in the page's own language.
      if (told) {
        for (const node of told.childNodes) item.append(node.cloneNode(true));
        item.append(`, ${told.dataset.district}`);
      } else {
        item.textContent = beat.name;
      }
      list.append(item);
    }
    this.say(lead, list);
    if (close.length > MOST_NAMED) this.answer.append(element("p", "", t("… and more. Choose your place on the map.")));
  }

  mark(beats, spot) {
    this.marked?.remove();
    this.marked = L.layerGroup([...beats.map(outlineOf), ...(spot ? [spot] : [])]).addTo(this.map);
  }
}

/** The key becomes a list of ticks; its words stay what the server wrote. */
function addSwitches(map, layers, names, shown) {
  for (const item of document.querySelectorAll("#map-key [data-layer]")) {
    const { layer } = item.dataset;
    item.hidden = false;
    const tick = element("input");
    tick.type = "checkbox";
    tick.checked = shown.has(layer);
    const label = element("label", "tick");
    label.append(tick, ...item.childNodes);
    item.append(label);
    tick.addEventListener("change", () => {
      if (tick.checked) {
        shown.add(layer);
        map.addLayer(layers[layer]);
      } else {
        shown.delete(layer);
        map.removeLayer(layers[layer]);
      }
      names.update();
    });
  }
}

function locateButton(teller) {
  const button = element("button", "", t("Use my location"));
  button.type = "button";
  const hint = element("span", "hint", t("Worked out on your device, to about 100 m. Your location is not sent to us."));
  hint.id = "locate-hint";
  button.setAttribute("aria-describedby", hint.id);
  let asking = false;
  button.addEventListener("click", async () => {
    if (asking) return;
    asking = true;
    teller.sayText(t("Asking your device where you are …"));
    try {
      teller.tellLocation(await whereAmI());
    } catch (error) {
      teller.sayText(error.message);
    } finally {
      asking = false;
      // On a phone the words stand below the map, out of sight of whoever pressed the button above it.
      teller.answer.scrollIntoView({ block: "nearest", behavior: wantsStillness() ? "auto" : "smooth" });
    }
  });
  return [button, hint];
}

function kindName(kind) {
  return document.querySelector(`#map-key [data-layer="${kind}"]`)?.textContent.trim().replace(/^\w\s+/, "") ?? "";
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
