import { eventLines } from './event-lines.js';
import { fleetLines } from './fleet-lines.js';
import { namesOf, type ServiceFlags, withService } from './running-service.js';

/** `sidecar events`: what happens in a running service from now on, as `sidecar run` prints it. */
export async function events(
  names: readonly string[],
  flags: ServiceFlags & { readonly json?: true },
): Promise<void> {
  await withService(flags, async (control) => {
    const sidecars = await namesOf(control, names);
    const width = Math.max(...sidecars.map((name) => name.length));
    // All of them need not be listed.
    for await (const event of await control.events({ sidecars: names.length === 0 ? [] : sidecars })) {
      if (flags.json === true) console.log(JSON.stringify(event));
      else if (event.type === 'dropped') console.error(`sidecar: ${event.count} events are missing here`);
      else if (event.type === 'fleet') {
        for (const line of fleetLines(event.event, event.time, width)) console.log(line);
      } else if (event.type !== 'sample') {
        for (const line of eventLines(event.sidecar, event, event.time, width)) console.log(line);
      }
    }
  });
}
