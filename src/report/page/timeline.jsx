// The call in time: a lane a requirement, a bar an attempt.
import {Component, h} from 'preact';
import {scaleUtc} from 'd3-scale';
import {OUTCOMES, SIGNS} from './data.js';
import {choose, chosenFlow, onChoice} from './selection.js';
import {clockText, duration, ticksApart} from './format.js';
import {Width} from './width.jsx';

const BAR = 14;        // height of a bar
const PITCH = 20;      // from one row of bars to the next
const MOST_ROWS = 12;  // rows of bars in a lane; attempts behind that share the last one
const HEAD = 46;       // height of the hours above the lanes
const NARROWEST = 5;   // a bar stays visible

/** Bars that overlap in time go to rows of their own. */
function place(flows, ids, x) {
  const ends = [];
  return ids.map((id) => {
    const at = flows.place(id);
    const left = x(flows.start[at]);
    const width = Math.max(NARROWEST, x(flows.start[at] + flows.duration[at]) - left);
    let row = ends.findIndex((end) => end <= left);
    if (row < 0) {
      row = Math.min(ends.length, MOST_ROWS - 1);
    }
    ends[row] = left + width + 2 + (flows.outcome[at] === 0 ? 0 : 12);  // room for the sign
    return {id, at, left, width, row};
  });
}

function Bar({bar, data, x, clock, focused}) {
  const {flows} = data;
  const outcome = OUTCOMES[flows.outcome[bar.at]].replace(' ', '-');
  const reason = flows.text('reason', bar.at);
  const label = `Flow ${bar.id}, ${flows.text('name', bar.at) || flows.text('server', bar.at)}, ` +
    `${OUTCOMES[flows.outcome[bar.at]]}${reason ? ` (${reason})` : ''}, ${clock.time(flows.start[bar.at])}, ` +
    duration(flows.duration[bar.at]);
  const again = (data.events[bar.id] ?? []).filter((event) => event[3]);
  const y = bar.row * PITCH;
  return <g class={`bar ${outcome}${chosenFlow() === bar.id ? ' chosen' : ''}`} role="button"
            tabindex={focused ? 0 : -1} aria-label={label} data-flow={bar.id}>
    <title>{label}</title>
    <rect class="body" x={bar.left} y={y} width={bar.width} height={BAR} rx="2" />
    {again.map(([, at, text]) => <path class="again" d={`M${x(at)},${y - 3}v${BAR + 6}`}><title>{text}</title></path>)}
    {outcome === 'passed' ? null
      : <text class="sign" x={bar.left + bar.width + 3} y={y + BAR - 3}>{SIGNS[flows.outcome[bar.at]]}</text>}
  </g>;
}

/** Seconds without a packet between the first and the last of a stream, two at least. */
export function gaps(stream) {
  const found = [];
  let begin = -1;
  stream.counts.forEach((packets, at) => {
    if (packets > 0) {
      if (begin >= 0 && (at - begin) * stream.width >= 2000) {
        found.push([stream.start + begin * stream.width, stream.start + at * stream.width]);
      }
      begin = -1;
    } else if (begin < 0) {
      begin = at;
    }
  });
  return found;
}

/** A name that was asked for and never resolved: no flow to choose, so no button. */
function Query({at, text, x}) {
  return <g class="query" aria-hidden="true" transform={`translate(${x(at)},0)`}>
    <title>{text}</title>
    <path class="again" d={`M0,-3v${BAR + 6}`} />
    <text class="sign" x="4" y={BAR - 3}>{SIGNS[OUTCOMES.indexOf('blocked')]}</text>
  </g>;
}

function Lane({lane, bars, width, height, data, x, clock, focus}) {
  const media = data.streams.filter((stream) => lane.flows.includes(stream.flow));
  return <g>
    <text class="lane" x="0" y="12">{lane.label}{width > 640 && lane.purpose
      ? <tspan class="purpose">{`  ${lane.purpose}`}</tspan> : null}</text>
    <text class={`lane-status ${lane.status}`} x={width} y="12" text-anchor="end">{lane.status}</text>
    <g transform="translate(0,20)">
      {bars.map((bar) => <Bar key={bar.id} bar={bar} data={data} x={x} clock={clock} focused={bar.id === focus} />)}
      {lane.queries.map(([at, text]) => <Query at={at} text={text} x={x} />)}
    </g>
    {media.flatMap(gaps).map(([from, to]) => <g class="gap">
      <title>{`no media for ${duration(to - from)}`}</title>
      <path d={`M${x(from)},18H${x(to)}`} />
    </g>)}
    {lane.more ? <text class="more" x="0" y={height - 6}>{`${lane.more} more attempts are in the list of flows`}</text> : null}
  </g>;
}

export class Timeline extends Component {
  constructor(props) {
    super(props);
    onChoice(() => this.forceUpdate());
  }

  /** The bar that the Tab key stops at: the last one used, else the first one there is. */
  focus() {
    const {lanes} = this.props.data;
    const {focus} = this.state;
    return lanes.some((lane) => lane.flows.includes(focus)) ? focus : lanes.find((lane) => lane.flows.length > 0)?.flows[0];
  }

  /** Left and right go along a lane, up and down to the next one (one stop of the Tab key). */
  move(event) {
    const lanes = this.props.data.lanes.filter((lane) => lane.flows.length > 0);
    const focus = this.focus();
    if (event.key === 'Enter' || event.key === ' ') {
      choose(focus, true);
      event.preventDefault();
      return;
    }
    let lane = lanes.findIndex((candidate) => candidate.flows.includes(focus));
    let at = lanes[lane].flows.indexOf(focus);
    switch (event.key) {
      case 'ArrowRight': at = Math.min(at + 1, lanes[lane].flows.length - 1); break;
      case 'ArrowLeft': at = Math.max(at - 1, 0); break;
      case 'ArrowDown': lane = Math.min(lane + 1, lanes.length - 1); at = 0; break;
      case 'ArrowUp': lane = Math.max(lane - 1, 0); at = 0; break;
      default: return;
    }
    event.preventDefault();
    const next = lanes[lane].flows[at];
    this.setState({focus: next}, () => this.base.querySelector(`[data-flow="${next}"]`)?.focus());
  }

  click(event) {
    const bar = event.target.closest('[data-flow]');
    if (bar) {
      const focus = Number(bar.dataset.flow);
      this.setState({focus});
      choose(focus, true);
    }
  }

  draw(width) {
    const {data, clock} = this.props;
    if (data.lanes.length === 0) {
      return <p class="soft">No row of a vendor's document saw traffic.</p>;
    }
    const focus = this.focus();
    const inset = 6;
    const right = width - inset - 14;  // room for the sign of an attempt that ends with the capture
    const scale = scaleUtc().domain([clock.date(0), clock.date(data.end)]).range([inset, right]);
    const x = (at) => scale(clock.date(at));
    const ticks = scale.ticks(Math.max(2, Math.floor(width / 110)));
    const apart = ticksApart(ticks);
    // A drawing a lane: a page of paper ends between two of them.
    return <div class="timeline" role="group" aria-label="Attempts over time"
                onClick={(event) => this.click(event)} onKeyDown={(event) => this.move(event)}>
      <svg width={width} height={HEAD} viewBox={`0 0 ${width} ${HEAD}`}>
        <defs>
          <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="hatch-ground" width="6" height="6" /><path class="hatch-line" d="M0,0V6" />
          </pattern>
        </defs>
        {ticks.map((tick) => <g class="tick" aria-hidden="true" transform={`translate(${scale(tick)},0)`}>
          <path d={`M0,34V${HEAD}`} />{scale(tick) < 30 || scale(tick) > width - 30 ? null
            : <text y="28" text-anchor="middle">{clockText(tick, apart)}</text>}
        </g>)}
        {data.fallbacks.map((fallback) => <g class="fallback" transform={`translate(${x(fallback.at)},0)`}>
          <title>{fallback.text}</title>
          <path d={`M0,16V${HEAD}`} />
          <text y="12" text-anchor={x(fallback.at) > width - 60 ? 'end' : x(fallback.at) < 60 ? 'start' : 'middle'}>fallback</text>
        </g>)}
      </svg>
      {data.lanes.map((lane) => {
        const bars = place(data.flows, lane.flows, x);
        const rows = 1 + Math.max(0, ...bars.map((bar) => bar.row));
        const height = 20 + rows * PITCH + (lane.more ? 18 : 0) + 10;
        return <svg key={lane.label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
          <g aria-hidden="true">
            {ticks.map((tick) => <path class="tick" d={`M${scale(tick)},0V${height}`} />)}
            {data.fallbacks.map((fallback) => <path class="fallback" d={`M${x(fallback.at)},0V${height}`} />)}
          </g>
          <Lane lane={lane} bars={bars} width={width} height={height} data={data} x={x} clock={clock} focus={focus} />
        </svg>;
      })}
      {data.drawnAlready ? <p class="soft">{`${data.drawnAlready === 1 ? '1 row more rests' : `${data.drawnAlready} rows more rest`} ` +
        'on attempts that are drawn above, as other rows fit them better.'}</p> : null}
    </div>;
  }

  render() {
    return <Width className="chart" draw={(width) => this.draw(width)} />;
  }
}
