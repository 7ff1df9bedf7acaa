import { t } from "./language.js";
import { L } from "./leaflet.js";
import { makeMap } from "./map.js";
import { layersOf, namesOf, outlineOf } from "./map_beats.js";
import { readShapes } from "./map_shapes.js";

/** Put a map that can be moved in the place of the picture of one beat; rejects, and leaves the picture, where it cannot. */
export async function openMap(where, config) {
  const response = await fetch(config.beats);
  if (!response.ok) throw new Error(`${config.beats}: ${response.status}`);
  const shapes = readShapes(await response.json());
  const beat = shapes.beats.find(({ slug }) => slug === config.beat);
  if (!beat) throw new Error(`${config.beat} is not among the beats`);
  const board = document.createElement("div");
  board.className = "map beats-map";
  board.id = "map";
  board.setAttribute("role", "region");
  board.setAttribute("aria-label", t("Map of %(beat)s. Arrow keys move it, plus and minus zoom.", { beat: beat.name }));
  where.replaceChildren(board);
  // The page goes on below the map: one finger or the wheel moves the page, two fingers or the buttons move the map.
  const map = makeMap(board, config.map, { scrollWheelZoom: false, dragging: !L.Browser.mobile });
  const layers = layersOf(shapes, config);
  const { beats, districts, areas, ...marks } = layers;
  for (const layer of [beats, districts, outlineOf(beat), ...Object.values(marks)]) map.addLayer(layer);
  map.addLayer(namesOf(shapes, new Set(["beats"])));
  map.fitBounds(L.latLngBounds(beat.polygons.flat(2)).pad(0.08), { animate: false });
}
