import { useComputed, useSignal } from '@preact/signals';
import { isRecord } from '../../../../src/config/is-record.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { sender } from '../session.js';

/** Sends any event of the chart, with what it carries. */
export function SendForm({ sidecar }: { readonly sidecar: InspectedSidecar }) {
  const types = useComputed(() => [
    ...new Set(
      sidecar.chart.transitions.flatMap(({ trigger }) => (trigger.type === 'event' ? [trigger.event] : [])),
    ),
  ]);
  const type = useSignal('STOP');
  const payload = useSignal('');
  const problem = useSignal('');
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const fields = payloadOf(payload.peek());
    problem.value = fields === null ? 'What it carries must be a JSON object.' : '';
    if (fields !== null) sender.peek()?.sendEvent(sidecar.id, { ...fields, type: type.peek() });
  };
  return (
    <form class="send" onSubmit={onSubmit} aria-label="Send an event">
      <label>
        Event
        <select
          value={type.value}
          onChange={({ currentTarget }) => {
            type.value = currentTarget.value;
          }}
        >
          {types.value.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label>
        with
        <input
          value={payload.value}
          placeholder='{"generation": 1}'
          spellcheck={false}
          onInput={({ currentTarget }) => {
            payload.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit">Send</button>
      {problem.value === '' ? null : (
        <p role="alert" class="problem">
          {problem.value}
        </p>
      )}
    </form>
  );
}

function payloadOf(text: string): Readonly<Record<string, unknown>> | null {
  if (text.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : null;
  } catch {
    // No JSON.
    return null;
  }
}
