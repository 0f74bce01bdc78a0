import type { ResourceSample, Sidecar } from '../index.js';

/** No event tells what a sidecar uses; the snapshot does. Returns the function that ends it. */
export function onSample({ actor }: Sidecar, listener: (sample: ResourceSample) => void): () => void {
  let known: ResourceSample | null = actor.getSnapshot().context.resources.last;
  const subscription = actor.subscribe(({ context }) => {
    const { last } = context.resources;
    if (last === known) return;
    known = last;
    if (last !== null) listener(last);
  });
  return () => subscription.unsubscribe();
}
