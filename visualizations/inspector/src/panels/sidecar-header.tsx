import { useComputed } from '@preact/signals';
import { Countdown } from '../chart/countdown.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { pastFacts, presentFacts } from '../model/process-facts.js';
import { runningDelay } from '../model/running-delay.js';
import { toneOf } from '../model/tone.js';
import { inspection } from '../session.js';
import { clock } from '../time/clock.js';
import { durationText, timeText } from '../time/words.js';
import { CommandButtons } from './command-buttons.js';

interface Props {
  readonly sidecar: InspectedSidecar;
}

/** What it is, how it is and why, and what can be done. */
export function SidecarHeader({ sidecar }: Props) {
  const transition = useComputed(() => inspection.value.shownTransitions.value.at(-1) ?? null);
  const moment = inspection.value.moment.value;
  const state = inspection.value.shownLeaves.value.join(', ');
  const facts = sidecar.facts.value;
  const isLive = moment === null;
  const delay = transition.value?.to === state ? runningDelay(transition.value, isLive) : null;
  return (
    <section class="sidecar-header" aria-label="The sidecar">
      <div class="headline">
        <h2>{sidecar.id}</h2>
        <span class={`state-pill tone-${toneOf(state, facts?.reason)}`} data-state={state}>
          {state}
        </span>
        <span class="since">
          {isLive ? sinceText(facts?.since ?? null) : `as of ${timeText(moment.time)}`}
        </span>
        {delay === null ? null : <Countdown class="header-countdown" delay={delay} />}
        <span class="spring" />
        <CommandButtons sidecar={sidecar} />
      </div>
      <p class="because">
        {transition.value?.explanation ?? (facts === null ? '' : 'It was never started.')}
      </p>
      <FactList sidecar={sidecar} />
    </section>
  );
}

function sinceText(since: number | null): string {
  return since === null ? '' : `for ${durationText(clock.value - since)}`;
}

/** Of the past, what the transitions tell. */
function FactList({ sidecar }: Props) {
  const { moment, shownTransitions } = inspection.value;
  const facts =
    moment.value === null
      ? presentFacts(sidecar.facts.value, shownTransitions.value, clock.value)
      : pastFacts(moment.value, shownTransitions.value);
  const list = [...facts, ['command', sidecar.report.value?.command ?? null] as const];
  return (
    <dl class="facts">
      {list.map(([name, value]) =>
        value === null ? null : (
          <div key={name} class={`fact fact-${name}`}>
            <dt>{name}</dt>
            <dd title={value}>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
