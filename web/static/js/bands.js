import { t } from "./language.js";
import { L } from "./leaflet.js";

/** A canvas that also fills with a pattern, so that bands are told apart without colour. */
export const PatternCanvas = L.Canvas.extend({
  _fillStroke(context, layer) {
    L.Canvas.prototype._fillStroke.call(this, context, layer);
    const { pattern } = layer.options;
    if (!pattern) return;
    context.globalAlpha = 1;
    context.fillStyle = patternOf(context, pattern, layer.options.color);
    context.fill("evenodd");
  },
});

const made = new Map();

/** The tile of `pattern` (path data in a square of `cell` pixels) drawn in `colour`; made once. */
function patternOf(context, { path, cell }, colour) {
  const key = `${path} ${colour}`;
  if (!made.has(key)) {
    const scale = Math.ceil(devicePixelRatio);
    const tile = document.createElement("canvas");
    tile.width = tile.height = cell * scale;
    const pen = tile.getContext("2d");
    pen.scale(scale, scale);
    pen.strokeStyle = colour;
    pen.lineWidth = 1.3;
    pen.lineCap = "square";
    pen.stroke(new Path2D(path));
    const pattern = context.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / scale));
    made.set(key, pattern);
  }
  return made.get(key);
}

const dark = matchMedia("(prefers-color-scheme: dark)");
export const inkOf = (band) => (dark.matches ? band.dark_ink : band.ink);

/**
 * Drive time as bands. Each is a fill, a pattern, an outline of its own and its minutes written on its rim.
 *
 * They come as contours from zero, which hold one another: a band is what lies between two of them, and by filling
 * what an odd number of rings goes round it is drawn without being worked out.
 */
export const Bands = L.LayerGroup.extend({
  initialize(styles) {
    L.LayerGroup.prototype.initialize.call(this);
    this._renderer = new PatternCanvas({ padding: 0.2 });
    this._bands = styles.map((style, row) => ({ ...style, row, area: null, rim: null, label: null }));
    this._shown = null;
  },

  onAdd(map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("zoomend", this._redraw, this);
    this._retheme = () => this._redraw();
    dark.addEventListener("change", this._retheme);
  },

  onRemove(map) {
    map.off("zoomend", this._redraw, this);
    dark.removeEventListener("change", this._retheme);
    L.LayerGroup.prototype.onRemove.call(this, map);
  },

  /** Show the contours of a FeatureCollection in place of those before; features need `minutes` in their properties. */
  show(collection) {
    this._shown = collection;
    const zoom = this._map.getZoom();
    const contours = new Map(collection.features.map(({ properties, geometry }) => [properties.minutes, geometry]));
    let inner = [];
    for (const band of this._bands) {
      const outer = worthDrawing(ringsOf(contours.get(band.minutes)), zoom);
      const points = outer.map((ring) => L.GeoJSON.coordsToLatLngs(ring, 0));
      this._draw(band, points, [...points, ...inner]);
      this._write(band, outer);
      inner = points;
    }
  },

  _redraw() {
    for (const band of this._bands) {
      const color = inkOf(band);
      if (band.rim) Object.assign(band.rim.options, { ...this._line(band), color });
      if (band.area) band.area.options.color = color;
    }
    if (this._shown) this.show(this._shown);
  },

  /** A band's outline. From afar, dashes along so many bends would be all there is to see. */
  _line(band) {
    return this._map.getZoom() < NEAR_ZOOM ? { weight: 0.6, dashArray: null } : { weight: 2, dashArray: band.dash || null };
  },

  _draw(band, rim, area) {
    if (!band.area) {
      const plain = { renderer: this._renderer, interactive: false, smoothFactor: 1.2, color: inkOf(band) };
      band.area = L.polygon(area, { ...plain, stroke: false, fill: true, fillColor: band.fill, fillOpacity: 0.38, pattern: band.pattern });
      band.rim = L.polygon(rim, { ...plain, fill: false, ...this._line(band) });
      this.addLayer(band.area).addLayer(band.rim);
    } else {
      band.area.setLatLngs(area);
      band.rim.setLatLngs(rim);
    }
  },

  _write(band, rings) {
    const point = rimPoint(rings, band.row);
    if (!point) {
      if (band.label) this.removeLayer(band.label);
      band.label = null;
    } else if (band.label) {
      band.label.setLatLng(point);
    } else {
      const text = document.createElement("span");
      text.textContent = t("%(minutes)s min", { minutes: band.minutes });
      const icon = L.divIcon({ className: "band-label", html: text, iconSize: [0, 0] });
      band.label = L.marker(point, { icon, interactive: false, keyboard: false, pane: "labels", zIndexOffset: 1000 });
      this.addLayer(band.label);
    }
  },
});

const LEAST_PX = 6;
const LEAST_PX_AFAR = 12;
const NEAR_ZOOM = 10.5;

/** All rings of a contour, those of its holes among them. */
export function ringsOf(geometry) {
  if (!geometry) return [];
  return geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : geometry.coordinates;
}

/**
 * Rings without the islands and holes that are too small to be seen at `zoom`: a picture of dots tells less. The counts
 * beside the map are made from the data, not from what is drawn.
 */
export function worthDrawing(rings, zoom) {
  const least = ((zoom < NEAR_ZOOM ? LEAST_PX_AFAR : LEAST_PX) * 360) / (256 * 2 ** zoom);
  return rings.filter((ring) => extent(ring) >= least);
}

/** The sum of a ring's width and height in degrees. */
function extent(ring) {
  let [west, south] = ring[0];
  let [east, north] = ring[0];
  for (const [lon, lat] of ring) {
    if (lon < west) west = lon;
    else if (lon > east) east = lon;
    if (lat < south) south = lat;
    else if (lat > north) north = lat;
  }
  return east - west + north - south;
}

const SIDES = [[0, 1], [1, 0], [0, -1], [-1, 0]];

/** Where a band's minutes are written: the utmost point of its longest ring, each band's to another side. */
function rimPoint(rings, band) {
  const [x, y] = SIDES[band % SIDES.length];
  const ring = rings.reduce((a, b) => (b.length > a.length ? b : a), []);
  if (!ring.length) return null;
  const [lon, lat] = ring.reduce((a, b) => (b[0] * x + b[1] * y > a[0] * x + a[1] * y ? b : a));
  return [lat, lon];
}
