// The moving parts of the page; everything else is plain HTML that works without them.
import {h, render} from 'preact';
import {serveCopyButtons} from './copy.js';
import {usable} from './data.js';
import {FlowList} from './flows.jsx';
import {Clock} from './format.js';
import {followRun} from './live.js';
import {unfoldForPrinting} from './printing.js';
import {followLinks} from './selection.js';
import {Streams} from './streams.jsx';
import {Timeline} from './timeline.jsx';

function mount(id, Part, data, clock) {
  const place = document.getElementById(id);
  if (!place) {
    return;
  }
  if (!place.dataset.mounted) {
    place.textContent = '';
    place.dataset.mounted = 'yes';
  }
  // Preact 8 makes what is there into what is wanted only if it is told what is there.
  render(<Part data={data} clock={clock} />, place, place.firstElementChild);
}

function show(received) {
  const data = usable(received);
  const clock = new Clock(data.begin, data.shift);
  mount('timeline', Timeline, data, clock);
  mount('streams', Streams, data, clock);
  mount('flows', FlowList, data, clock);
}

serveCopyButtons();
unfoldForPrinting();
show(JSON.parse(document.getElementById('data').textContent));
followLinks();
followRun(show);
