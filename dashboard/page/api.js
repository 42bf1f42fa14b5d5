// Requests to the server. What changes something carries the token, which the user is asked for when
// it is needed first, and again when the server refuses it. It stays in this tab.

const KEY = 'reelq-token';
// What a header can hold.
const SENDABLE = /^[\x21-\x7e]+$/;

export class Cancelled extends Error {}

async function bodyOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

export class Api {
  // ask(problem) resolves to a token, or null when the user will not give one; problem: '' or why
  // the last one was no good.
  constructor(ask) {
    this.ask = ask;
    this.asking = null;
  }

  async task(id) {
    const response = await fetch(`/api/task?id=${encodeURIComponent(id)}`);
    const body = await bodyOf(response);
    if (!response.ok) throw new Error(body.error ?? `the webhook answers ${response.status}`);
    return body;
  }

  // Throws Cancelled, or an Error that says what the server has against it.
  async change(path, body) {
    let problem = '';
    for (;;) {
      const token = await this.token(problem);
      if (!SENDABLE.test(token)) {
        problem = 'This token has a character that no token has: a quote, or a space, from where it was copied?';
        sessionStorage.removeItem(KEY);
        continue;
      }
      const response = await this.post(path, body, token);
      const answer = await bodyOf(response);
      if (response.ok) return answer;
      if (response.status !== 401) {
        throw new Error(answer.error ?? `the webhook answers ${response.status}`);
      }
      if (sessionStorage.getItem(KEY) === token) sessionStorage.removeItem(KEY);
      problem = 'The webhook refuses this token. It is the value of REELQ_ADMIN_TOKEN there.';
    }
  }

  post(path, body, token) {
    return fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    }).catch(() => {
      throw new Error('the webhook does not answer');
    });
  }

  // Several changes at once ask once.
  async token(problem) {
    const stored = sessionStorage.getItem(KEY);
    if (stored !== null) return stored;
    this.asking ??= this.ask(problem).finally(() => (this.asking = null));
    const token = await this.asking;
    if (token === null) throw new Cancelled();
    sessionStorage.setItem(KEY, token);
    return token;
  }
}
