import type { Service } from '../service/service.js';
import type { Happening } from '../service/service-event.js';
import { eventLines } from './event-lines.js';
import { fleetLines } from './fleet-lines.js';

type Print = (line: string) => void;

/** What `sidecar run` prints: lines for people, or each event as JSON. */
export function printEvents(service: Service, json: boolean, print: Print): void {
  service.listen(json ? printAsJson(print) : printAsLines(service, print));
}

function printAsJson(print: Print): (printed: Happening) => void {
  return (printed) => {
    if (printed.type === 'fleet') {
      // It has a type like the events of a sidecar, which say whose they are.
      print(JSON.stringify({ sidecar: null, ...printed.event }));
      return;
    }
    const { time: _, ...event } = printed;
    print(JSON.stringify(event));
  };
}

function printAsLines(service: Service, print: Print): (printed: Happening) => void {
  return (printed) => {
    const width = Math.max(...service.members.map(({ name }) => name.length));
    const lines =
      printed.type === 'fleet'
        ? fleetLines(printed.event, printed.time, width)
        : eventLines(printed.sidecar, printed, printed.time, width);
    for (const line of lines) print(line);
  };
}
