/**
 * Runs one piece of work at a time, always the newest asked for: what a finger asks while the last answer is on its
 * way waits, and all but the last of that is dropped. So answers never pile up nor overtake each other.
 *
 * @param {(value: any, signal: AbortSignal) => Promise<void>} work
 * @param {(error: unknown) => void} failed called with what `work` throws, but for its being called off
 * @returns {((value: any) => void) & {stop: () => void}} `stop` drops what waits and calls off what runs
 */
export function latest(work, failed) {
  let waiting = null;
  let running = null;

  async function run() {
    while (waiting) {
      const { value } = waiting;
      waiting = null;
      const mine = (running = new AbortController());
      try {
        await work(value, mine.signal);
      } catch (error) {
        if (!mine.signal.aborted) failed(error);
      }
    }
    running = null;
  }

  function ask(value) {
    waiting = { value };
    if (!running) run();
  }
  ask.stop = () => {
    waiting = null;
    running?.abort();
  };
  return ask;
}

/** `act` once nothing has been asked for `quiet_ms`. */
export function settled(act, quiet_ms) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), quiet_ms);
  };
}
