// A page of a run that goes on: the server tells what changed, and only that is exchanged.

/** Which parts are open, and where the keyboard is, so that an exchange takes neither away. */
function remember(part) {
  const reachable = [...part.querySelectorAll('a, button, summary, [tabindex]')];
  return {
    open: new Set([...part.querySelectorAll('details[open]')].map(nameOf)),
    focus: reachable.indexOf(document.activeElement),
  };
}

function nameOf(details) {
  const around = details.closest('article, tr, section')?.querySelector('h3, th[scope=row], h2')?.textContent ?? '';
  return `${around} ${details.querySelector('summary').textContent}`;
}

function restore(part, {open, focus}) {
  part.querySelectorAll('details').forEach((details) => {
    if (open.has(nameOf(details))) {
      details.open = true;
    }
  });
  if (focus >= 0) {
    const reachable = [...part.querySelectorAll('a, button, summary, [tabindex]')];
    reachable[Math.min(focus, reachable.length - 1)]?.focus({preventScroll: true});
  }
}

/** The parts of the page by their keys, in the order of the page. */
class Parts {
  constructor() {
    this.places = new Map([...document.querySelectorAll('[data-part]')].map((place) => [place.dataset.part, place]));
    this.texts = new Map();
  }

  update(parts) {
    const wanted = new Set(parts.map(([key]) => key));
    for (const [key, place] of this.places) {
      if (!wanted.has(key)) {
        place.remove();
        this.places.delete(key);
        this.texts.delete(key);
      }
    }
    let before = null;
    for (const [key, text] of parts) {
      let place = this.places.get(key);
      if (!place) {
        place = document.createElement('div');
        place.className = 'part';
        place.dataset.part = key;
        this.places.set(key, place);
        before.after(place);
      }
      if (this.texts.get(key) !== text) {
        this.texts.set(key, text);
        this.exchange(place, text);
      }
      before = place;
    }
  }

  exchange(place, text) {
    if (place.querySelector('[data-mounted]')) {
      return;  // what the script draws changes by its data
    }
    const memory = remember(place);
    place.innerHTML = text;  // made by the program, as the page itself; no script runs from it
    restore(place, memory);
  }
}

/** Follows the run; `show` is called with new data. */
export function followRun(show) {
  const state = document.getElementById('live');
  if (!state) {
    return;  // a report of a run that has ended
  }
  const parts = new Parts();
  const say = (text, lost) => {
    if (state.textContent !== text) {
      state.textContent = text;
      state.classList.toggle('lost', lost);
    }
  };
  const connect = () => {
    const source = new EventSource('/events');
    source.onopen = () => say('live', false);
    source.onmessage = (event) => {
      const update = JSON.parse(event.data);
      parts.update(update.parts);
      show(update.data);
    };
    source.onerror = () => {
      say('no connection: this is what was seen last; trying again', true);
      if (source.readyState === EventSource.CLOSED) {  // it does not try by itself
        setTimeout(connect, 5000);
      }
    };
  };
  connect();
}
