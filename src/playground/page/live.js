// What the server has to tell, as it happens: a WebSocket that comes back by itself.

/** The longest wait between two tries, in milliseconds. */
const PATIENCE = 4000;

/**
 * Follows the server. `heard(kind)` is called for each message; `up(yes)` when the connection
 * comes or goes.
 */
export function follow(heard, up = () => {}) {
  let wait = 250;
  const connect = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/changes`);
    socket.addEventListener("open", () => { wait = 250; up(true); });
    socket.addEventListener("message", ({ data }) => heard(JSON.parse(data).type));
    socket.addEventListener("close", () => {
      up(false);
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, PATIENCE);
    });
  };
  connect();
}

/** Calls `run` once for many calls that come close together. */
export function gathered(run, pause = 50) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; run(); }, pause);
  };
}
