// The client of the console's API: requests, commands, and the stream of events.

const TOKEN = 'understudy-token';

/**
 * Takes the token from the URL that the console printed. Stores it for this tab, and removes it from the address bar.
 */
export function takeToken() {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get('token');
  if (fromAddress) {
    sessionStorage.setItem(TOKEN, fromAddress);
    history.replaceState(null, '', location.pathname + '#/');
  }
}

export function token() {
  return sessionStorage.getItem(TOKEN) ?? '';
}

export function setToken(value) {
  sessionStorage.setItem(TOKEN, value);
}

function headers(more = {}) {
  return token() ? {...more, Authorization: `Bearer ${token()}`} : more;
}

async function problem(response) {
  try {
    return (await response.json()).detail ?? response.statusText;
  } catch {
    return response.statusText;
  }
}

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export async function get(path) {
  const response = await fetch(path, {headers: headers(), cache: 'no-store'});
  if (!response.ok) {
    throw new Refused(response.status, await problem(response));
  }
  return response.json();
}

/** Sends a command. Returns the event that answers it, or throws the problem that the console reports. */
export async function command(deployment, body) {
  const response = await fetch(`/api/deployments/${encodeURIComponent(deployment)}/commands`, {
    method: 'POST',
    headers: headers({'Content-Type': 'application/json'}),
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Refused(response.status, await problem(response));
  }
  return response.json();
}

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;
const MAX_SILENCE_MS = 10_000;

/**
 * Follows the console's stream for as long as the page is open. Reconnects when the stream ends or sends no data.
 * An EventSource does not work here: it cannot send a token.
 */
export async function follow({opened, message, lost}) {
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const connection = new AbortController();
    let lastData = Date.now();
    const watchdog = setInterval(() => Date.now() - lastData > MAX_SILENCE_MS && connection.abort(), 1000);
    try {
      const response = await fetch('/api/stream', {headers: headers(), cache: 'no-store', signal: connection.signal});
      if (!response.ok) {
        throw new Refused(response.status, await problem(response));
      }
      pause = FIRST_PAUSE_MS;
      await opened();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        lastData = Date.now();
        const blocks = (rest + part.value).split('\n\n');
        rest = blocks.pop();
        blocks.forEach(block => dispatch(block, message));
      }
      lost('the console closed the stream');
    } catch (failure) {
      lost(failure.message, failure.status);
    } finally {
      clearInterval(watchdog);
      connection.abort();
    }
    await new Promise(resolve => setTimeout(resolve, pause));
    pause = Math.min(2 * pause, MAX_PAUSE_MS);
  }
}

/** Splits lines at line feeds only: texts may contain other characters that some parsers treat as line ends. */
function dispatch(block, message) {
  const lines = block.split('\n');
  const field = name => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const type = field('event');
  const data = field('data');
  if (type && data) {
    message(type, JSON.parse(data));
  }
}
