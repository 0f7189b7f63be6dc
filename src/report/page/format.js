// How figures and times are written.

const grouped = new Intl.NumberFormat('en-US');

export function count(value) {
  return grouped.format(value);
}

export function packets(value) {
  return `${count(value)} ${value === 1 ? 'packet' : 'packets'}`;
}

export function bytes(value) {
  for (const [size, unit] of [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']]) {
    if (value >= size) {
      return `${(value / size).toFixed(1)} ${unit}`;
    }
  }
  return `${value} B`;
}

export function duration(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Milliseconds between the marks of an axis. */
export function ticksApart(ticks) {
  return ticks.length > 1 ? ticks[1] - ticks[0] : 1000;
}

/** "14:13:20", with as many digits behind as tell times apart that lie so many milliseconds apart. */
export function clockText(date, apart) {
  const behind = apart >= 1000 ? 0 : apart >= 100 ? 2 : 4;
  return date.toISOString().slice(11, 19 + behind);
}

/** Clocks of one capture: milliseconds behind its first packet to the time that people read. */
export class Clock {
  /** `begin`: milliseconds since 1970; `shift`: of the zone that the report is written in. */
  constructor(begin, shift) {
    this.begin = begin + shift;
  }

  date(at) {
    return new Date(this.begin + at);
  }

  /** "14:13:20.273". */
  time(at) {
    return this.date(at).toISOString().slice(11, 23);
  }

  /** "14:13:20". */
  second(at) {
    return this.date(at).toISOString().slice(11, 19);
  }
}

function side(address, port, transport) {
  return `${address.includes(':') ? 'ipv6' : 'ip'}.addr == ${address} && ${transport}.port == ${port}`;
}

/** A display filter of Wireshark for the whole flow. */
export function flowFilter(flows, place, transport) {
  return `${side(flows.text('client', place), flows.client_port[place], transport)} && ` +
    side(flows.text('server', place), flows.server_port[place], transport);
}

/** A display filter of Wireshark for the packets that a verdict rests on. */
export function packetFilter(packets) {
  return packets && `frame.number in {${packets.replaceAll(',', ', ')}}`;
}
