// The story of one flow.
import {h} from 'preact';
import {OUTCOMES, TRANSPORTS} from './data.js';
import {bytes, duration, flowFilter, packetFilter, packets} from './format.js';

function Filter({title, text}) {
  return text ? <p class="filter">{title}: <code>{text}</code> <button type="button" data-copy={text}>Copy filter</button></p> : null;
}

export function FlowDetail({data, clock, at}) {
  const {flows} = data;
  const id = flows.id[at];
  const transport = TRANSPORTS[flows.transport[at]];
  const reason = flows.text('reason', at);
  const notes = flows.text('notes', at);
  const name = flows.text('name', at);
  const events = data.events[id] ?? [];
  return <div>
    <h3>{`Flow ${id}: ${transport} ${flows.text('client', at)} port ${flows.client_port[at]} to ` +
      `${flows.text('server', at)} port ${flows.server_port[at]}`}</h3>
    <p>{[name, `${OUTCOMES[flows.outcome[at]]}${reason ? `: ${data.words[reason] ?? reason} (${reason})` : ''}` +
      `${flows.grade[at] ? `, grade ${flows.grade[at]}` : ''}`,
    flows.text('rule', at) || 'of no rule',
    `${packets(flows.packets_out[at])} sent (${bytes(flows.bytes_out[at])}), ` +
      `${packets(flows.packets_in[at])} received (${bytes(flows.bytes_in[at])}) in ${duration(flows.duration[at])}`,
    notes && `notes: ${notes}`].filter(Boolean).join('; ')}</p>
    {events.length > 0 ? <ol class="story">
      {events.map(([packet, time, text]) => <li>
        <span class="soft">{`packet ${packet}, ${clock.time(time)}`}</span> {text}</li>)}
    </ol> : null}
    <Filter title="Wireshark, the evidence" text={packetFilter(flows.evidence[at])} />
    <Filter title="Wireshark, the whole flow" text={flowFilter(flows, at, transport)} />
  </div>;
}
