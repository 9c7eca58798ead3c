// What the console is asked, and what it tells by itself.

const TOKEN = 'understudy-token';

/** The token comes with the address that the console printed; it stays in this tab, and out of the address bar. */
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    sessionStorage.setItem(TOKEN, given);
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

/** Sends a command; answers with the event, or throws what the console says is wrong. */
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

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const SILENCE = 10_000;

/**
 * Follows the console's stream for as long as the page is open; connects anew when it ends or falls silent.
 * An EventSource would not do: it cannot show a token.
 */
export async function follow({opened, message, lost}) {
  let pause = FIRST_PAUSE;
  for (;;) {
    const ended = new AbortController();
    let heard = Date.now();
    const watch = setInterval(() => Date.now() - heard > SILENCE && ended.abort(), 1000);
    try {
      const response = await fetch('/api/stream', {headers: headers(), cache: 'no-store', signal: ended.signal});
      if (!response.ok) {
        throw new Refused(response.status, await problem(response));
      }
      pause = FIRST_PAUSE;
      await opened();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        heard = Date.now();
        const blocks = (rest + part.value).split('\n\n');
        rest = blocks.pop();
        blocks.forEach(block => tell(block, message));
      }
      lost('the console ended the stream');
    } catch (failure) {
      lost(failure.message, failure.status);
    } finally {
      clearInterval(watch);
      ended.abort();
    }
    await new Promise(resolve => setTimeout(resolve, pause));
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }
}

/** Lines end with a line feed and nothing else: a text may have other characters that some call line ends. */
function tell(block, message) {
  const lines = block.split('\n');
  const field = name => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const type = field('event');
  const data = field('data');
  if (type && data) {
    message(type, JSON.parse(data));
  }
}
