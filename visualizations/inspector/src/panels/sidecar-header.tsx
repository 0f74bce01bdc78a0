import { useComputed } from '@preact/signals';
import { Countdown } from '../chart/countdown.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
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
      <p class="because">{transition.value?.explanation ?? 'It was never started.'}</p>
      <FactList sidecar={sidecar} />
    </section>
  );
}

function sinceText(since: number | null): string {
  return since === null ? '' : `for ${durationText(clock.value - since)}`;
}

/** Facts about the process; of the past, what the transition tells. */
function FactList({ sidecar }: Props) {
  const { moment } = inspection.value;
  const facts = sidecar.facts.value;
  const [pid, generation] = [
    moment.value === null ? facts?.pid : moment.value.pid,
    moment.value === null ? facts?.generation : moment.value.generation,
  ];
  const started = useComputed(() =>
    sidecar.transitions.value.findLast(({ cause }) => cause.type === 'spawned'),
  );
  const uptime =
    pid === null || pid === undefined || started.value === undefined
      ? null
      : durationText((moment.value?.time ?? clock.value) - started.value.time);
  const list: readonly (readonly [string, string | number | null | undefined])[] = [
    ['pid', pid],
    ['generation', generation],
    ['uptime', uptime],
    ['endpoint', moment.value === null ? facts?.endpoint : null],
    ['ready', facts?.isReady === null || facts === null ? null : facts.isReady ? 'yes' : 'no'],
    [
      'requests',
      facts?.requests == null
        ? null
        : `${facts.requests.inFlight} in flight, ${facts.requests.waiting} waiting`,
    ],
    ['circuit', facts?.circuit],
    ['says', facts?.statusText],
    ['command', sidecar.report.value?.command],
  ];
  return (
    <dl class="facts">
      {list.map(([name, value]) =>
        value === null || value === undefined ? null : (
          <div key={name} class={`fact fact-${name}`}>
            <dt>{name}</dt>
            <dd title={String(value)}>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
