import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { ContextPanel } from './context-panel.js';
import { EventsPanel } from './events-panel.js';
import { TimelinePanel } from './timeline-panel.js';

const TABS = [
  { id: 'timeline', name: 'Timeline', Panel: TimelinePanel },
  { id: 'events', name: 'Events', Panel: EventsPanel },
  { id: 'context', name: 'Context', Panel: ContextPanel },
] as const;

/** It stays when another sidecar is selected. */
const chosen = signal<(typeof TABS)[number]['id']>('timeline');

/** What the arrow keys lead to, as in any list of tabs. */
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

export function Tabs({ sidecar }: { readonly sidecar: InspectedSidecar }) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    const at = TABS.findIndex(({ id }) => id === chosen.peek());
    const next = TABS[(at + step + TABS.length) % TABS.length];
    if (next === undefined) return;
    event.preventDefault();
    chosen.value = next.id;
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };
  const tab = TABS.find(({ id }) => id === chosen.value) ?? TABS[0];
  return (
    <section class="panel tabs-panel">
      <div ref={list} class="tab-list" role="tablist" aria-label="About the sidecar" onKeyDown={onKeyDown}>
        {TABS.map(({ id, name }) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={id === tab.id}
            aria-controls="tab-panel"
            tabIndex={id === tab.id ? 0 : -1}
            onClick={() => {
              chosen.value = id;
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div id="tab-panel" class="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab.id}`}>
        <tab.Panel key={sidecar} sidecar={sidecar} />
      </div>
    </section>
  );
}
