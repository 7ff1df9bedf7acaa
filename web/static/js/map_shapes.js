// Beats as they are served: TopoJSON, in which neighbours share each stretch of border. No map is needed here.

/**
 * @typedef {{slug: string, name: string, district: string, area: string|null, colour: number, offBy_m: number,
 *   label: [number, number], polygons: [number, number][][][]}} Beat  points are [lat, lon]; rings end where they begin
 */

/**
 * The shapes of a TopoJSON document of ours.
 *
 * @returns {{beats: Beat[], lines: [number, number][][], between: (key: "district"|"area") => [number, number][][],
 *   districts: {name: string, at: [number, number]}[], areas: {name: string, at: [number, number]}[]}}
 *   `lines` is every border once; `between` those of them that part two districts or areas, or run along the outside
 */
export function readShapes(topology) {
  const { scale, translate } = topology.transform;
  const place = ([x, y]) => [y * scale[1] + translate[1], x * scale[0] + translate[0]];
  const lines = topology.arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map(([dx, dy]) => place([(x += dx), (y += dy)]));
  });
  const { beats, districts, areas } = topology.objects;
  const beside = lines.map(() => []);
  const found = beats.geometries.map(({ id, properties, arcs }) => {
    for (const arc of arcs.flat(2)) beside[arc < 0 ? ~arc : arc].push(properties);
    const { name, district, area, colour, off_by_m, label } = properties;
    const polygons = arcs.map((rings) => rings.map((ring) => joined(ring, lines)));
    return { slug: id, name, district, area, colour, offBy_m: off_by_m, label: [label[1], label[0]], polygons };
  });
  const points = ({ geometries }) => geometries.map(({ properties, coordinates }) => ({ name: properties.name, at: place(coordinates) }));
  return {
    beats: found,
    lines,
    between: (key) => lines.filter((_, row) => beside[row].length < 2 || beside[row][0][key] !== beside[row][1][key]),
    districts: points(districts),
    areas: points(areas),
  };
}

/** One ring of its arcs, each of which begins where the one before ended. */
function joined(ring, lines) {
  return ring.flatMap((arc, row) => {
    const points = arc < 0 ? lines[~arc].toReversed?.() ?? lines[~arc].slice().reverse() : lines[arc];
    return row ? points.slice(1) : points;
  });
}

/** The beat that holds a point, null for none. */
export function beatAt(beats, lat, lon) {
  return beats.find((beat) => holds(beat, lat, lon)) ?? null;
}

/**
 * The beats whose ground comes within `within_m` of a point, nearest first; the one that holds it has distance 0.
 *
 * @returns {{beat: Beat, distance_m: number}[]}
 */
export function beatsNear(beats, lat, lon, within_m) {
  return beats
    .map((beat) => ({ beat, distance_m: holds(beat, lat, lon) ? 0 : distanceTo(beat, lat, lon) }))
    .filter(({ distance_m }) => distance_m <= within_m)
    .sort((a, b) => a.distance_m - b.distance_m);
}

/** How far a point is from the border of a beat, in metres. */
export function distanceTo(beat, lat, lon) {
  // Degrees as metres on the plane that touches the ground at the point: right to a fraction of a percent hereabouts.
  const north_m = 111_320;
  const east_m = north_m * Math.cos((lat * Math.PI) / 180);
  let least = Infinity;
  for (const ring of beat.polygons.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const ax = (ring[i - 1][1] - lon) * east_m;
      const ay = (ring[i - 1][0] - lat) * north_m;
      const bx = (ring[i][1] - lon) * east_m - ax;
      const by = (ring[i][0] - lat) * north_m - ay;
      const along = Math.min(1, Math.max(0, -(ax * bx + ay * by) / (bx * bx + by * by || 1)));
      least = Math.min(least, Math.hypot(ax + along * bx, ay + along * by));
    }
  }
  return least;
}

/** By even and odd: a ray to the east crosses the rings an odd number of times where the point lies inside. */
function holds(beat, lat, lon) {
  let inside = false;
  for (const ring of beat.polygons.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [aLat, aLon] = ring[i - 1];
      const [bLat, bLon] = ring[i];
      if (aLat > lat !== bLat > lat && lon < aLon + ((lat - aLat) / (bLat - aLat)) * (bLon - aLon)) inside = !inside;
    }
  }
  return inside;
}
