// The stream of the server's events. It comes back by itself: the browser tries again when the
// connection ends, and this does when the browser gives up, or when the heartbeat stays away.

const SILENCE = 6000; // a summary comes each second
const LEAST_WAIT = 500, MOST_WAIT = 5000;
const SECTIONS = ['summary', 'workers', 'batches', 'in_flight', 'failed'];

export class Stream {
  // onSection(name, value); onState('connecting' | 'live' | 'lost')
  constructor(url, { onSection, onState }) {
    Object.assign(this, { url, onSection, onState, wait: LEAST_WAIT, state: null });
  }

  open() {
    this.setState(this.state === 'lost' ? 'lost' : 'connecting');
    this.source = new EventSource(this.url);
    this.source.addEventListener('error', () => this.failed());
    for (const name of SECTIONS) {
      this.source.addEventListener(name, event => this.take(name, event.data));
    }
    this.watch();
  }

  take(name, data) {
    let value;
    try {
      value = JSON.parse(data);
    } catch {
      return; // the next one comes within a second
    }
    this.wait = LEAST_WAIT;
    this.setState('live');
    this.watch();
    this.onSection(name, value);
  }

  failed() {
    this.setState('lost');
    if (this.source.readyState === EventSource.CLOSED) this.reopen();
  }

  watch() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.setState('lost');
      this.reopen();
    }, SILENCE);
  }

  reopen() {
    this.source.close();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(MOST_WAIT, this.wait * 2);
  }

  setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.onState(state);
  }
}
