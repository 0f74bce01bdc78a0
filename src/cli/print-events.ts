import type { Service } from '../service/service.js';
import type { ServiceEvent } from '../service/service-event.js';
import { eventLines } from './event-lines.js';
import { fleetLines } from './fleet-lines.js';

type Print = (line: string) => void;

/** What `sidecar run` prints: lines for people, or each event as JSON. */
export function printEvents(service: Service, json: boolean, print: Print): void {
  const pass = json ? printAsJson(print) : printAsLines(service, print);
  service.listen((event) => {
    // What each uses is asked for by who wants to know.
    if (event.type !== 'sample' && event.type !== 'dropped') pass(event);
  });
}

type Printed = Exclude<ServiceEvent, { type: 'sample' | 'dropped' }>;

function printAsJson(print: Print): (printed: Printed) => void {
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

function printAsLines(service: Service, print: Print): (printed: Printed) => void {
  return (printed) => {
    const width = Math.max(...service.members.map(({ name }) => name.length));
    const lines =
      printed.type === 'fleet'
        ? fleetLines(printed.event, printed.time, width)
        : eventLines(printed.sidecar, printed, printed.time, width);
    for (const line of lines) print(line);
  };
}
