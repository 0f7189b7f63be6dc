// What the page knows: columns of numbers and indexes into one list of strings, so that 100,000
// flows take a few megabytes and are searched without touching their text twice.

/** Words of the column `outcome`, in the order of their numbers. */
export const OUTCOMES = ['passed', 'blocked', 'inconclusive', 'not judged'];
/** Never color alone: each outcome has a sign of its own. */
export const SIGNS = ['✓', '✕', '?', '–'];
export const TRANSPORTS = ['tcp', 'udp'];

/** Columns of flows that hold indexes into the strings. */
const TEXT_COLUMNS = ['client', 'server', 'name', 'protocol', 'reason', 'rule', 'notes'];

const NAMES = ['id', 'transport', 'client', 'client_port', 'server', 'server_port', 'name', 'protocol', 'start', 'duration',
  'packets_out', 'packets_in', 'bytes_out', 'bytes_in', 'outcome', 'reason', 'grade', 'rule', 'notes', 'evidence'];

export class Flows {
  constructor(columns) {
    Object.assign(this, columns);
    for (const name of NAMES) {
      this[name] ??= [];  // a run without flows has no columns
    }
    this.count = this.id.length;
    this.places = new Map(this.id.map((id, place) => [id, place]));
    this.lower = columns.strings.map((text) => text.toLowerCase());
  }

  /** The text of a column that holds indexes into the strings. */
  text(column, place) {
    return this.strings[this[column][place]];
  }

  place(id) {
    return this.places.get(id);
  }

  /** A test for one word of a search: somewhere in the texts, or exactly a port or a number. */
  wordTest(word) {
    const found = new Uint8Array(this.lower.length);
    this.lower.forEach((text, at) => { found[at] = text.includes(word) ? 1 : 0; });
    const number = /^\d+$/.test(word) ? Number(word) : -1;
    const transport = TRANSPORTS.indexOf(word);
    const outcome = OUTCOMES.indexOf(word);
    const columns = TEXT_COLUMNS.map((name) => this[name]);
    return (place) => this.transport[place] === transport || this.outcome[place] === outcome ||
      this.server_port[place] === number || this.client_port[place] === number ||
      this.id[place] === number || columns.some((column) => found[column[place]] === 1);
  }

  /** The places of the flows that a search, an outcome and a row leave over. */
  select({query, outcome, rule}) {
    const tests = query.toLowerCase().split(/\s+/).filter(Boolean).map((word) => this.wordTest(word));
    const kept = [];
    for (let place = 0; place < this.count; ++place) {
      if ((outcome < 0 || this.outcome[place] === outcome) &&
          (rule < 0 || this.rule[place] === rule) && tests.every((test) => test(place))) {
        kept.push(place);
      }
    }
    return kept;
  }

  /** The value a column is sorted by. Texts sort by their rank, which is found once. */
  sortKeys(column) {
    if (!TEXT_COLUMNS.includes(column)) {
      return this[column];
    }
    this.ranks ||= this.rankStrings();
    return this[column].map((at) => this.ranks[at]);
  }

  rankStrings() {
    const compare = new Intl.Collator('en', {numeric: true}).compare;
    const order = this.strings.map((_, at) => at).sort((a, b) => compare(this.strings[a], this.strings[b]));
    const ranks = new Uint32Array(order.length);
    order.forEach((at, rank) => { ranks[at] = rank; });
    return ranks;
  }

  sort(places, column, descending) {
    const keys = this.sortKeys(column);
    const sign = descending ? -1 : 1;
    return places.slice().sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
  }
}

/** What was received, with its flows in a form that can be searched. */
export function usable(received) {
  return {...received, flows: new Flows(received.flows)};
}
