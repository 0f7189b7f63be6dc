// The moving parts of the page; everything else is plain HTML that works without them.
import {h, render} from 'preact';
import {serveCopyButtons} from './copy.js';
import {readData} from './data.js';
import {FlowList} from './flows.jsx';
import {Clock} from './format.js';
import {unfoldForPrinting} from './printing.js';
import {followLinks} from './selection.js';
import {Streams} from './streams.jsx';
import {Timeline} from './timeline.jsx';

const data = readData();
const clock = new Clock(data.begin, data.shift);

function mount(id, Part) {
  const place = document.getElementById(id);
  if (place) {
    place.textContent = '';
    render(<Part data={data} clock={clock} />, place);
  }
}

serveCopyButtons();
unfoldForPrinting();
mount('timeline', Timeline);
mount('streams', Streams);
mount('flows', FlowList);
followLinks();
