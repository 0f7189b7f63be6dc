// Each RTP stream over time: bitrate, loss, jitter.
import {Component, h} from 'preact';
import {scaleLinear, scaleUtc} from 'd3-scale';
import {area, curveStepAfter, line} from 'd3-shape';
import {clockText, count, duration, ticksApart} from './format.js';
import {gaps} from './timeline.jsx';
import {Width} from './width.jsx';

const HEIGHT = 64;
const TOP = 20;
const LEFT = 44;
const FIRST = 8;  // streams that are shown at once

/** What is plotted: name, unit and the value of each interval; null where it is not known. */
function series(stream) {
  const seconds = stream.width / 1000;
  return [
    {name: 'bitrate', unit: 'kbit/s', values: stream.bytes.map((bytes) => bytes * 8 / 1000 / seconds)},
    {name: 'loss', unit: 'packets/s', values: stream.losses.map((lost) => Math.max(0, lost) / seconds)},
    {name: 'jitter', unit: 'ms', values: stream.jitter},
  ];
}

function Plot({plot, stream, scale, clock, holes}) {
  const known = plot.values.filter((value) => value !== null);
  const name = <text class="name" x={LEFT} y="12">{`${plot.name}, ${plot.unit}`}</text>;
  if (known.length === 0) {
    return <g>{name}<text class="none" x={LEFT} y={TOP + HEIGHT / 2}>not known: no clock rate</text></g>;
  }
  const y = scaleLinear().domain([0, Math.max(1, ...known)]).nice(2).range([TOP + HEIGHT, TOP]);
  const [left, right] = scale.range();
  const ticks = scale.ticks(Math.max(2, Math.floor((right - left) / 90)));
  // An interval begins at its value; the last one needs an end.
  const points = plot.values.map((value, at) => [stream.start + at * stream.width, value]);
  points.push([stream.start + plot.values.length * stream.width, plot.values.at(-1)]);
  const x = (point) => Math.min(Math.max(scale(clock.date(point[0])), left), right);
  const shape = (make) => make.defined((point) => point[1] !== null).curve(curveStepAfter)(points);
  return <g class={`plot ${plot.name}`}>
    {y.ticks(2).map((tick) => <g class="tick"><path d={`M${left},${y(tick)}H${right}`} />
      <text x={left - 6} y={y(tick) + 4} text-anchor="end">{count(tick)}</text></g>)}
    {holes.map(([from, to]) => <rect class="hole" x={x([from])} y={TOP} width={x([to]) - x([from])} height={HEIGHT}>
      <title>{`no media for ${duration(to - from)}`}</title></rect>)}
    <path class="area" d={shape(area().x(x).y0(y(0)).y1((point) => y(point[1])))} />
    <path class="line" d={shape(line().x(x).y((point) => y(point[1])))} />
    {name}
    {ticks.filter((tick) => scale(tick) < right - 20)
      .map((tick) => <text class="time" x={scale(tick)} y={TOP + HEIGHT + 16} text-anchor="middle">
        {clockText(tick, ticksApart(ticks))}</text>)}
  </g>;
}

/** What the plots say, for those who do not see them. */
function summary(plots) {
  return plots.map(({name, unit, values}) => {
    const known = values.filter((value) => value !== null);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    return known.length === 0 ? `${name} unknown`
      : `${name} ${mean.toFixed(1)} ${unit} on average, ${Math.max(...known).toFixed(1)} at most`;
  }).join('; ');
}

function Stream({stream, data, clock}) {
  const {flows} = data;
  const at = flows.place(stream.flow);
  const far = flows.text('name', at) || flows.text('server', at);
  const near = flows.text('client', at);
  const plots = series(stream);
  const holes = gaps(stream);
  const draw = (width) => {
    const columns = width >= 760 ? plots.length : 1;
    const wide = width / columns;
    const high = TOP + HEIGHT + 26;
    const scale = scaleUtc().domain([clock.date(0), clock.date(data.end)]).range([LEFT, wide - 10]);
    const height = high * plots.length / columns;
    return <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary(plots)}>
      {plots.map((plot, index) => <g transform={columns > 1 ? `translate(${index * wide},0)` : `translate(0,${index * high})`}>
        <Plot plot={plot} stream={stream} scale={scale} clock={clock} holes={holes} /></g>)}
    </svg>;
  };
  return <figure class="stream">
    <figcaption>
      <strong>{stream.direction === 'out' ? `${near} to ${far}` : `${far} to ${near}`}</strong>
      {`, ${stream.ssrc}, payload type ${stream.payload_type}: ${count(stream.packets)} packets, ` +
        `${count(stream.lost)} lost${stream.jitter_ms === null ? '' : `, jitter ${stream.jitter_ms.toFixed(1)} ms at the end`}` +
        `${holes.length === 0 ? '' : `, ${holes.length} ${holes.length === 1 ? 'gap' : 'gaps'} of two seconds or more`}; `}
      <a href={`#flow-${stream.flow}`}>{`flow ${stream.flow}`}</a>
    </figcaption>
    <Width className="chart" draw={draw} />
  </figure>;
}

export class Streams extends Component {
  constructor(props) {
    super(props);
    this.state = {all: false};
  }

  render({data, clock}, {all}) {
    const shown = all ? data.streams : data.streams.slice(0, FIRST);
    const rest = data.streams.length - shown.length;
    return <div>
      {shown.map((stream) => <Stream key={`${stream.flow} ${stream.direction} ${stream.ssrc}`} stream={stream} data={data} clock={clock} />)}
      {rest > 0 ? <button type="button" onClick={() => this.setState({all: true})}>{`Show ${count(rest)} more`}</button> : null}
    </div>;
  }
}
