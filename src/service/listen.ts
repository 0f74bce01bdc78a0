import type { ResourceSample, Sidecar } from '../index.js';
import type { ServiceEvent } from './service-event.js';

type Listener = (event: ServiceEvent) => void;

/** Tells all that happens to one process of a service, and what it uses. Returns the function that ends it. */
export function listenToMember(name: string, sidecar: Sidecar, listener: Listener): () => void {
  const endings = [
    sidecar.on('*', (event) => listener({ sidecar: name, time: Date.now(), ...event })),
    onSample(sidecar, (sample) => listener({ type: 'sample', sidecar: name, time: Date.now(), ...sample })),
  ];
  return () => {
    for (const end of endings) end();
  };
}

/** No event tells what it uses; the snapshot does. */
function onSample({ actor }: Sidecar, listener: (sample: ResourceSample) => void): () => void {
  let known: ResourceSample | null = actor.getSnapshot().context.resources.last;
  const subscription = actor.subscribe(({ context }) => {
    const { last } = context.resources;
    if (last === known) return;
    known = last;
    if (last !== null) listener(last);
  });
  return () => subscription.unsubscribe();
}
