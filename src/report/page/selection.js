// Which flow is looked at: shared by the timeline, the list and links to "#flow-4".

const listeners = [];
let chosen = null;

export function chosenFlow() {
  return chosen;
}

export function onChoice(listener) {
  listeners.push(listener);
}

/** `show`: bring the list of flows to the reader. */
export function choose(id, show = false) {
  chosen = id;
  listeners.forEach((listener) => listener(id, show));
}

function followHash() {
  const match = /^#flow-(\d+)$/.exec(location.hash);
  if (match) {
    choose(Number(match[1]), true);
  }
}

export function followLinks() {
  addEventListener('hashchange', followHash);
  // A second click on the same link changes no hash.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#flow-"]');
    if (link && link.getAttribute('href') === location.hash) {
      followHash();
    }
  });
  followHash();
}
