import { useComputed } from '@preact/signals';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { inspection } from '../session.js';

/** What the machine knows, or knew. */
export function ContextPanel({ sidecar }: { readonly sidecar: InspectedSidecar }) {
  const text = useComputed(() => {
    const { moment } = inspection.value;
    const context = moment.value === null ? sidecar.context.value : moment.value.context;
    return context === null || context === undefined ? null : JSON.stringify(context, null, 2);
  });
  const cause = useComputed(() => inspection.value.shownTransitions.value.at(-1)?.cause ?? null);
  return (
    <section
      class="context"
      aria-label="Context"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
      tabIndex={0}
    >
      <h3>Cause of the last transition</h3>
      <pre>{cause.value === null ? 'none' : JSON.stringify(cause.value, null, 2)}</pre>
      <h3>What the machine {inspection.value.moment.value === null ? 'knows' : 'knew'}</h3>
      <pre data-context>{text.value ?? 'It was not looked at then.'}</pre>
    </section>
  );
}
