import { t } from "./language.js";
import { L } from "./leaflet.js";
import { PlaceLabels } from "./place_labels.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** The tiles that our own server draws, in the theme that the reader has. */
const Basemap = L.GridLayer.extend({
  initialize(tiles, options) {
    L.GridLayer.prototype.initialize.call(this, options);
    this._tilesUrl = tiles;
    this._retheme = () => this.redraw();
  },
  onAdd(map) {
    dark.addEventListener("change", this._retheme);
    L.GridLayer.prototype.onAdd.call(this, map);
  },
  onRemove(map) {
    dark.removeEventListener("change", this._retheme);
    L.GridLayer.prototype.onRemove.call(this, map);
  },
  createTile(coords, done) {
    const image = document.createElement("img");
    image.alt = "";
    image.onload = () => done(null, image);
    // Without its tile a square is plain ground.
    image.onerror = () => done(new Error("tile"), image);
    const style = dark.matches ? "dark" : "light";
    image.src = L.Util.template(this._tilesUrl, { style, z: coords.z, x: coords.x, y: coords.y });
    return image;
  },
});

/** Buttons that move the map, for those who cannot drag it. */
const PanButtons = L.Control.extend({
  options: { position: "topright" },
  onAdd(map) {
    const box = L.DomUtil.create("div", "pan-buttons leaflet-bar");
    const moves = [
      ["up", "↑", t("Move the map north"), 0, -1],
      ["left", "←", t("Move the map west"), -1, 0],
      ["right", "→", t("Move the map east"), 1, 0],
      ["down", "↓", t("Move the map south"), 0, 1],
    ];
    for (const [place, arrow, name, x, y] of moves) {
      const button = L.DomUtil.create("button", place, box);
      button.type = "button";
      button.textContent = arrow;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", () => {
        const size = map.getSize();
        map.panBy([(x * size.x) / 3, (y * size.y) / 3], { animate: !still.matches });
      });
    }
    L.DomEvent.disableClickPropagation(box);
    return box;
  },
});

/**
 * A map in `element` over our own basemap, showing the whole force.
 *
 * @param {HTMLElement} element
 * @param {{tiles: string, places: string, bounds: [[number, number], [number, number]], zooms: [number, number], margin?: number}} about
 *   addresses of the tiles ({style}, {z}, {x}, {y} to be filled in) and of the names, south-west and north-east corner;
 *   `margin` is how far beyond these there are tiles, as a share of width and height, 1 where it is not given
 * @param {object} [options] more of Leaflet's own
 */
export function makeMap(element, about, options = {}) {
  const bounds = L.latLngBounds(about.bounds);
  const map = L.map(element, {
    attributionControl: false,
    zoomControl: false,
    minZoom: about.zooms[0],
    maxZoom: about.zooms[1],
    maxBounds: bounds.pad(0.75),
    zoomSnap: 0.25,
    fadeAnimation: !still.matches,
    zoomAnimation: !still.matches,
    markerZoomAnimation: !still.matches,
    inertia: !still.matches,
    ...options,
  });
  map.createPane("labels").style.zIndex = 550;
  map.getPane("labels").style.pointerEvents = "none";
  // What is drawn is for the eye; each page says the same in words.
  for (const pane of ["tilePane", "overlayPane", "labels"]) map.getPane(pane).setAttribute("aria-hidden", "true");
  new Basemap(about.tiles, { minNativeZoom: about.zooms[0], maxNativeZoom: about.zooms[1], bounds: bounds.pad(about.margin ?? 1) }).addTo(map);
  new PlaceLabels(about.places).addTo(map);
  L.control.zoom({ position: "topleft", zoomInTitle: t("Zoom in"), zoomOutTitle: t("Zoom out") }).addTo(map);
  new PanButtons().addTo(map);
  L.control.scale({ position: "bottomleft" }).addTo(map);
  map.fitBounds(bounds, { animate: false });
  return map;
}

/** A marker made of an element of ours, so that no picture is fetched and its name is text. */
export function markerAt(point, { className, content = "", size = 28, ...options }) {
  const html = document.createElement("span");
  html.textContent = content;
  const icon = L.divIcon({ className, html, iconSize: [size, size] });
  return L.marker(point, { icon, ...options });
}

/** True where the reader asked for less motion. */
export const wantsStillness = () => still.matches;
