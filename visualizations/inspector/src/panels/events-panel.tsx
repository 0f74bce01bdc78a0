import { useComputed, useSignal } from '@preact/signals';
import { type Chart, isWithin, triggerText } from '../../../../src/graph/chart.js';
import { hypothesis } from '../chart/hypothesis.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import type { WhatIfAnswer } from '../model/inspection.js';
import { inspection, sender } from '../session.js';
import { SendForm } from './send-form.js';

interface Props {
  readonly sidecar: InspectedSidecar;
}

/** What is asked, and what was answered. */
interface Asked {
  readonly event: string;
  readonly answer: WhatIfAnswer | Error | null;
}

/** What means something in the present state, and what it would lead to. */
export function EventsPanel({ sidecar }: Props) {
  const asked = useSignal<Asked | null>(null);
  const events = useComputed(() => eventsIn(sidecar.chart, inspection.value.shownLeaves.value));
  const canAsk = useComputed(
    () => inspection.value.moment.value === null && inspection.value.connection.value.type === 'open',
  );
  const ask = async (event: string) => {
    asked.value = { event, answer: null };
    hypothesis.value = null;
    const answer = await askHost(sidecar.id, event);
    if (asked.peek()?.event !== event) return;
    asked.value = { event, answer };
    if (!(answer instanceof Error) && typeof answer['to'] === 'string')
      hypothesis.value = { sidecar: sidecar.id, to: answer['to'] };
  };
  return (
    <div class="events">
      {inspection.value.development.value && canAsk.value ? <SendForm sidecar={sidecar} /> : null}
      <Answer asked={asked.value} />
      <ul class="event-list" aria-label="Events that mean something now">
        {events.value.map(({ event, leadsTo }) => (
          <li key={event}>
            <code>{event}</code>
            <span class="leads-to">{leadsTo}</span>
            <button
              type="button"
              class="small"
              disabled={!canAsk.value}
              onClick={() => ask(event)}
              aria-label={`What if ${event}?`}
            >
              What if?
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

async function askHost(sidecar: string, event: string): Promise<WhatIfAnswer | Error> {
  const delay = /^after (.+)$/.exec(event)?.[1];
  try {
    const connection = sender.peek();
    if (connection === null) return new Error('There is no connection.');
    return await connection.whatIf(sidecar, delay === undefined ? { type: event } : afterEvent(delay));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** That a timer of the chart runs out. */
function afterEvent(delay: string): { readonly type: string; readonly delay: string } {
  return { type: 'after', delay };
}

function Answer({ asked }: { readonly asked: Asked | null }) {
  if (asked === null)
    return <p class="nothing">“What if?” asks the machine what it would do now. Nothing is sent to it.</p>;
  const { event, answer } = asked;
  if (answer === null) return <p class="nothing">Asking…</p>;
  if (answer instanceof Error)
    return (
      <p class="answer" role="status">
        <b>{event}</b> {answer.message}
      </p>
    );
  const { actions } = answer;
  return (
    <div class="answer" role="status" data-what-if={event}>
      <b>{event}</b> {answer.type === 'ignored' ? 'would do nothing: ' : 'would lead to '}
      {typeof answer['to'] === 'string' ? <b>{answer['to']}</b> : null}
      <p>{answer.explanation}</p>
      {Array.isArray(actions) ? (
        <ul>
          {actions.map((action) => (
            <li key={String(action)}>{String(action)}</li>
          ))}
        </ul>
      ) : null}
      <button
        type="button"
        class="small"
        onClick={() => {
          hypothesis.value = null;
        }}
      >
        Forget it
      </button>
    </div>
  );
}

interface KnownEvent {
  readonly event: string;
  readonly leadsTo: string;
}

/** The triggers of the active states and of those around them, commands first. */
function eventsIn(chart: Chart, leaves: readonly string[]): readonly KnownEvent[] {
  const targets = new Map<string, Set<string>>();
  for (const { source, trigger, targets: ends } of chart.transitions) {
    const event = triggerText(trigger);
    if (event === '' || source === '' || !leaves.some((leaf) => isWithin(leaf, source))) continue;
    const known = targets.get(event) ?? new Set<string>();
    targets.set(event, known);
    for (const end of ends) known.add(end);
  }
  return [...targets]
    .map(([event, ends]) => ({ event, leadsTo: ends.size === 0 ? 'stays' : `→ ${[...ends].join(', ')}` }))
    .toSorted((one, other) => Number(isCommand(other.event)) - Number(isCommand(one.event)));
}

function isCommand(event: string): boolean {
  return event === event.toUpperCase();
}
