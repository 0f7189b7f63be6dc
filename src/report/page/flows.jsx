// The list of all flows: rows are made as they scroll into view.
import {Component, h} from 'preact';
import {OUTCOMES, SIGNS, TRANSPORTS} from './data.js';
import {bytes, count, duration} from './format.js';
import {choose, onChoice} from './selection.js';
import {FlowDetail} from './flow_detail.jsx';

const SPARE = 12;       // rows beyond what is seen, for fast wheels
const PRINTED = 100;    // rows that go on paper

const COLUMNS = [
  {name: 'id', title: 'flow', text: (flows, at) => flows.id[at]},
  {name: 'start', title: 'time', text: (flows, at, clock) => clock.time(flows.start[at])},
  {name: 'outcome', title: 'outcome', text: (flows, at) => `${SIGNS[flows.outcome[at]]} ${OUTCOMES[flows.outcome[at]]}`},
  {name: 'reason', title: 'reason', text: (flows, at) => flows.text('reason', at)},
  {name: 'server_port', title: 'port', text: (flows, at) => `${TRANSPORTS[flows.transport[at]]} ${flows.server_port[at]}`},
  {name: 'name', title: 'server', text: (flows, at) => flows.text('name', at) || flows.text('server', at)},
  {name: 'client', title: 'client', text: (flows, at) => flows.text('client', at)},
  {name: 'protocol', title: 'protocol', text: (flows, at) => flows.text('protocol', at)},
  {name: 'rule', title: 'rule', text: (flows, at) => flows.text('rule', at)},
  {name: 'bytes_out', title: 'sent', text: (flows, at) => bytes(flows.bytes_out[at])},
  {name: 'bytes_in', title: 'received', text: (flows, at) => bytes(flows.bytes_in[at])},
  {name: 'duration', title: 'lasted', text: (flows, at) => duration(flows.duration[at])},
];

function Row({flows, at, index, clock, height, active, top}) {
  return <div role="row" class={`row ${OUTCOMES[flows.outcome[at]].replace(' ', '-')}${active ? ' active' : ''}`}
              id={`row-${flows.id[at]}`} aria-rowindex={index + 2} aria-selected={active ? 'true' : 'false'}
              data-index={index} style={{height: `${height}px`, transform: `translateY(${top}px)`}}>
    {COLUMNS.map(({name, text}) => <div role="gridcell" class={`cell ${name}`}>{text(flows, at, clock)}</div>)}
  </div>;
}

function Head({sort, descending, onSort}) {
  return <div role="row" class="row head" aria-rowindex="1">
    {COLUMNS.map(({name, title}) => <div role="columnheader" class={`cell ${name}`}
      aria-sort={name !== sort ? 'none' : descending ? 'descending' : 'ascending'}>
      <button type="button" onClick={() => onSort(name)}>
        {title}<span aria-hidden="true">{name !== sort ? '' : descending ? ' ▼' : ' ▲'}</span>
      </button>
    </div>)}
  </div>;
}

export class FlowList extends Component {
  constructor(props) {
    super(props);
    this.narrow = matchMedia('(max-width: 47.99rem)');
    this.state = {query: '', outcome: -1, rule: -1, sort: 'id', descending: false, active: 0, scroll: 0, view: 600,
                  chosen: null, printing: false};
    this.places = this.find(this.state);
  }

  componentDidMount() {
    this.observer = new ResizeObserver(() => this.setState({view: this.scroller.clientHeight}));
    this.observer.observe(this.scroller);
    this.narrow.addEventListener('change', () => this.forceUpdate());
    onChoice((id, show) => this.choice(id, show));
    // Preact renders later than a printer looks.
    addEventListener('beforeprint', () => { this.state.printing = true; this.forceUpdate(); });
    addEventListener('afterprint', () => this.setState({printing: false}));
  }

  /** New data: the same flow stays chosen, whatever place it has now. */
  componentWillReceiveProps({data}) {
    if (data === this.props.data) {
      return;
    }
    const before = this.props.data.flows;
    const idAt = (at) => (at === undefined || at === null ? undefined : before.id[at]);
    const active = idAt(this.places[this.state.active]);
    const chosen = data.flows.place(idAt(this.state.chosen)) ?? null;
    const rule = this.state.rule < 0 ? -1 : data.flows.strings.indexOf(before.strings[this.state.rule]);
    this.places = this.find({...this.state, rule}, data.flows);
    this.setState({chosen, rule, active: Math.max(0, this.places.indexOf(data.flows.place(active)))});
  }

  rowHeight() {
    return this.narrow.matches ? 68 : 34;
  }

  /** Of the heads above the rows, and a scroll bar's. */
  headHeight() {
    return this.narrow.matches ? 112 : 54;
  }

  find(state, flows = this.props.data.flows) {
    return flows.sort(flows.select(state), state.sort, state.descending);
  }

  /** A change of what is shown, back at the top. */
  show(change) {
    this.places = this.find({...this.state, ...change});
    this.scroller.scrollTop = 0;
    this.setState({...change, active: 0, scroll: 0});
  }

  sortBy(name) {
    this.show({sort: name, descending: this.state.sort === name && !this.state.descending});
  }

  choice(id, show) {
    const place = this.props.data.flows.place(id);
    if (place === undefined) {
      return;
    }
    let active = this.places.indexOf(place);
    if (active < 0) {  // a filter hides it
      this.places = this.find({...this.state, query: '', outcome: -1, rule: -1});
      this.setState({query: '', outcome: -1, rule: -1});
      active = this.places.indexOf(place);
    }
    this.setState({chosen: place, active}, () => {
      this.reveal(active);
      if (show) {
        this.detail.scrollIntoView({block: 'nearest'});
        this.detail.focus({preventScroll: true});
      }
    });
  }

  reveal(index) {
    const height = this.rowHeight();
    const head = this.head.clientHeight;
    const top = index * height;
    if (top < this.scroller.scrollTop) {
      this.scroller.scrollTop = top;
    } else if (top + height + head > this.scroller.scrollTop + this.scroller.clientHeight) {
      this.scroller.scrollTop = top + height + head - this.scroller.clientHeight;
    }
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.state.view / this.rowHeight()) - 2);
    const last = this.places.length - 1;
    const step = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -last, End: last}[event.key];
    if (event.key === 'Enter' && last >= 0) {
      event.preventDefault();
      choose(this.props.data.flows.id[this.places[this.state.active]], true);
    } else if (step !== undefined && last >= 0) {
      event.preventDefault();
      const active = Math.min(Math.max(this.state.active + step, 0), last);
      this.setState({active}, () => this.reveal(active));
    }
  }

  click(event) {
    const row = event.target.closest('[data-index]');
    if (row) {
      this.setState({active: Number(row.dataset.index)});
      choose(this.props.data.flows.id[this.places[Number(row.dataset.index)]]);
    }
  }

  onScroll() {
    if (!this.frame) {  // once a frame
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.setState({scroll: this.scroller.scrollTop});
      });
    }
  }

  rows(clock) {
    const {flows} = this.props.data;
    const {scroll, view, active, printing} = this.state;
    const height = this.rowHeight();
    const from = printing ? 0 : Math.max(0, Math.floor(scroll / height) - SPARE);
    const to = printing ? Math.min(PRINTED, this.places.length)
      : Math.min(this.places.length, Math.ceil((scroll + view) / height) + SPARE);
    const rows = [];
    for (let index = from; index < to; ++index) {
      const at = this.places[index];
      rows.push(<Row key={at} flows={flows} at={at} index={index} clock={clock} height={height}
                     active={index === active} top={index * height} />);
    }
    return rows;
  }

  controls() {
    const {data} = this.props;
    const {query, outcome, rule} = this.state;
    return <div class="controls" role="search">
      <label>search <input type="search" value={query} placeholder="name, address, port, reason ..."
                           onInput={(event) => this.show({query: event.target.value})} /></label>
      <label>outcome <select onChange={(event) => this.show({outcome: Number(event.target.value)})}>
        <option value="-1" selected={outcome === -1}>all</option>
        {OUTCOMES.map((word, at) => (data.flows.outcome.includes(at)
          ? <option value={at} selected={outcome === at}>{word}</option> : null))}
      </select></label>
      <label>rule <select onChange={(event) => this.show({rule: Number(event.target.value)})}>
        <option value="-1" selected={rule === -1}>all</option>
        {[...new Set(data.flows.rule)].map((at) => <option value={at} selected={rule === at}>
          {data.flows.strings[at] || 'of no rule'}</option>)}
      </select></label>
      <p class="found" role="status">{`${count(this.places.length)} of ${count(data.flows.count)} flows` +
        (data.more ? `; ${count(data.more)} more are in the database only` : '')}</p>
    </div>;
  }

  render({data, clock}, {sort, descending, active, chosen, printing}) {
    const {flows} = data;
    const current = this.places[active];
    return <div class="flow-list">
      {this.controls()}
      <div class="scroller" style={{height: `${this.places.length * this.rowHeight() + this.headHeight()}px`}} role="grid" tabindex="0" aria-label="Flows" aria-rowcount={this.places.length + 1}
           aria-activedescendant={current === undefined ? null : `row-${flows.id[current]}`}
           ref={(element) => { this.scroller = element; }} onScroll={() => this.onScroll()}
           onKeyDown={(event) => this.key(event)} onClick={(event) => this.click(event)}>
        <div role="rowgroup" class="head-group" ref={(element) => { this.head = element; }}>
          <Head sort={sort} descending={descending} onSort={(name) => this.sortBy(name)} />
        </div>
        <div role="rowgroup" class="rows" style={{height: `${(printing ? Math.min(PRINTED, this.places.length) : this.places.length) * this.rowHeight()}px`}}>
          {this.rows(clock)}
        </div>
      </div>
      {this.places.length === 0 ? <p class="soft">No flow fits.</p> : null}
      {printing && this.places.length > PRINTED
        ? <p class="soft">{`The first ${PRINTED} of ${count(this.places.length)} flows; the page on a screen has all.`}</p> : null}
      <div class="detail" tabindex="-1" ref={(element) => { this.detail = element; }}>
        {chosen === null ? <p class="soft screen">Choose a flow to see its story.</p>
          : <FlowDetail data={data} clock={clock} at={chosen} />}
      </div>
    </div>;
  }
}
