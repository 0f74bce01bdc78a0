import { useComputed } from '@preact/signals';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { toneOf } from '../model/tone.js';
import { inspection } from '../session.js';
import { clock } from '../time/clock.js';
import { durationText } from '../time/words.js';

export function FleetList() {
  const sidecars = useComputed(() => [...inspection.value.sidecars.value.values()]);
  const failing = useComputed(() => sidecars.value.filter((each) => !isWell(each)).length);
  return (
    <nav class="fleet" aria-label="Sidecars">
      <h2 class="fleet-title">
        Sidecars <span class="count">{sidecars.value.length}</span>
        {failing.value === 0 ? null : <span class="count tone-warn">{failing.value} not running</span>}
      </h2>
      <ul>
        {sidecars.value.map((sidecar) => (
          <FleetItem key={sidecar.id} sidecar={sidecar} />
        ))}
      </ul>
    </nav>
  );
}

/** One that was given up is not waited for. */
function isWell({ leaves, isGivenUp }: InspectedSidecar): boolean {
  return isGivenUp.value || leaves.value.includes('running');
}

function FleetItem({ sidecar }: { readonly sidecar: InspectedSidecar }) {
  const isSelected = inspection.value.selected.value === sidecar;
  const facts = sidecar.facts.value;
  const state = sidecar.leaves.value.join(', ') || (facts?.state ?? '');
  const since = facts?.since ?? null;
  return (
    <li>
      <button
        type="button"
        class="fleet-item"
        aria-current={isSelected ? 'true' : undefined}
        onClick={() => inspection.peek().select(sidecar.id)}
      >
        <i class={`dot tone-${toneOf(state, facts?.reason)}`} />
        <span class="fleet-name">{sidecar.id}</span>
        <span class="fleet-state">{sidecar.isGivenUp.value ? 'given up' : state}</span>
        <span class="fleet-since">{since === null ? '' : durationText(clock.value - since)}</span>
      </button>
    </li>
  );
}
