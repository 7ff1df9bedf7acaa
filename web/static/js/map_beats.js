import { L } from "./leaflet.js";
import { MapNames } from "./map_names.js";

/**
 * The layers of a map of beats, by the names that the key has: beats, districts, areas and each kind of places. Their
 * looks are in resident_map.css, so they follow the reader's theme.
 *
 * @param {ReturnType<import("./map_shapes.js").readShapes>} shapes
 * @param {{places: object[], marks: object}} config
 * @param {(place: object) => void} [chosen] called with a place whose mark is pressed
 */
export function layersOf(shapes, config, chosen = undefined) {
  const layers = {
    beats: L.layerGroup([...shapes.beats.map(fillOf), line(shapes.lines, "beat-line")]),
    districts: L.layerGroup([line(shapes.between("district"), "district-line")]),
    areas: L.layerGroup([line(shapes.between("area"), "area-line")]),
  };
  for (const kind of Object.keys(config.marks)) layers[kind] = L.layerGroup();
  for (const { place, style, left } of besideEachOther(config)) {
    layers[place.kind].addLayer(markOf(place, style, left, chosen));
  }
  return layers;
}

/** Names of beats, districts and areas on the map; only those of the layers that `shown` holds. */
export function namesOf(shapes, shown) {
  const names = [
    ...shapes.areas.map((area) => ({ ...area, layer: "areas", least: 0, most: 10.4 })),
    ...shapes.districts.map((district) => ({ ...district, layer: "districts", least: 8, most: 11.4 })),
    ...shapes.beats.map(({ name, label, polygons }) => ({ name, at: label, layer: "beats", least: 10.5, most: 20, ground: groundOf(polygons) })),
  ];
  return new MapNames(names, shown);
}

/** The beat that is meant, drawn so that it stands out without its colour. */
export function outlineOf(beat) {
  const plain = { interactive: false, smoothFactor: 0.5 };
  return L.layerGroup([
    L.polygon(beat.polygons, { ...plain, className: "chosen-halo" }),
    L.polygon(beat.polygons, { ...plain, className: "chosen-line" }),
  ]);
}

function fillOf({ polygons, colour }) {
  // Neighbours keep every corner, as their common border would open if each were smoothed by itself.
  return L.polygon(polygons, { interactive: false, smoothFactor: 0, stroke: false, className: `beat tint${colour % 6}` });
}

function line(lines, className) {
  return L.polyline(lines, { interactive: false, smoothFactor: 0.5, className });
}

function groundOf(polygons) {
  return L.latLngBounds(polygons.flat(2));
}

/** Each place with its sign and how many pixels it stands to the left, as one building may have several. */
function besideEachOther({ places, marks }) {
  const at = Map.groupBy ? Map.groupBy(places, ({ at }) => at.join()) : grouped(places);
  return [...at.values()].flatMap((together) =>
    together.map((place, row) => ({ place, style: marks[place.kind], left: ((together.length - 1) / 2 - row) * (MARK.width + 3) })),
  );
}

function grouped(places) {
  const found = new Map();
  for (const place of places) found.set(place.at.join(), [...(found.get(place.at.join()) ?? []), place]);
  return found;
}

const MARK = { width: 24, height: 31 };
const SVG = "http://www.w3.org/2000/svg";

/** A mark for the eye and for a finger; the page's list says the same in words, so the keyboard does not stop here. */
function markOf(place, { letter, path }, left, chosen) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${MARK.width} ${MARK.height}`);
  picture.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  // A tip shows where the place is, which a mark that makes room for another has beside it.
  shape.setAttribute("d", `M7 20L${MARK.width / 2 + left} ${MARK.height}L17 20z${path}`);
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("x", 12);
  text.setAttribute("y", 17);
  text.textContent = letter;
  picture.append(shape, text);
  const icon = L.divIcon({ className: `place-mark ${place.kind}`, html: picture, iconSize: [MARK.width, MARK.height], iconAnchor: [MARK.width / 2 + left, MARK.height] });
  const marker = L.marker(place.at, { icon, keyboard: false, interactive: Boolean(chosen), bubblingMouseEvents: false });
  marker.bindTooltip(asText(place.name), { direction: "top", offset: [-left, -MARK.height] });
  if (chosen) marker.on("click", () => chosen(place));
  return marker;
}

/** Leaflet takes text of a tooltip as HTML; an element's text it takes as it is. */
export function asText(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element;
}
