import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { duration } from '../../../../machines/explain.js';
import type { ShownTransition } from '../../../../src/inspect/messages.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { toneOf } from '../model/tone.js';
import { inspection } from '../session.js';
import { timeText } from '../time/words.js';
import { Icon } from './icon.js';
import { playback } from './playback.js';

/** How many are listed at most; a filter finds the others. */
const MOST_SHOWN = 300;

export function TimelinePanel({ sidecar }: { readonly sidecar: InspectedSidecar }) {
  const filter = useSignal('');
  const list = useRef<HTMLOListElement>(null);
  const found = useComputed(() => {
    const wanted = filter.value.trim().toLowerCase();
    return sidecar.transitions.value.filter((each) => wordsOf(each).includes(wanted)).toReversed();
  });
  const isLive = inspection.value.moment.value === null;
  const isFile = inspection.value.connection.value.type === 'file';
  useSignalEffect(() => {
    if (inspection.value.moment.value === null) return;
    // After it was drawn.
    requestAnimationFrame(() => {
      list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
    });
  });
  return (
    <div class="timeline">
      <div class="tools">
        <input
          type="search"
          placeholder="Filter: state, cause, word…"
          aria-label="Filter the timeline"
          value={filter.value}
          onInput={({ currentTarget }) => {
            filter.value = currentTarget.value;
          }}
        />
        <TimeTravelButtons />
        {isFile ? null : (
          <button
            type="button"
            class={`live-button ${isLive ? '' : 'primary'}`}
            aria-pressed={isLive}
            onClick={() => {
              playback.stop();
              inspection.peek().goLive();
            }}
          >
            Live
          </button>
        )}
      </div>
      <ol
        ref={list}
        class="transitions"
        reversed
        aria-label="Transitions, newest first"
        onKeyDown={stepByKey}
      >
        {found.value.slice(0, MOST_SHOWN).map((transition) => (
          <Transition key={transition.sequence} transition={transition} />
        ))}
      </ol>
      {found.value.length === 0 ? (
        <p class="nothing">No transition {filter.value === '' ? 'yet' : 'is like that'}.</p>
      ) : null}
      {found.value.length > MOST_SHOWN ? (
        <p class="nothing">{found.value.length - MOST_SHOWN} older ones; the filter finds them.</p>
      ) : null}
    </div>
  );
}

function TimeTravelButtons() {
  const isPlaying = playback.isPlaying.value;
  return (
    <>
      <button
        type="button"
        class="icon-button"
        title="One transition back"
        onClick={() => inspection.peek().step(-1)}
      >
        <Icon name="back" />
        <span class="unseen">One transition back</span>
      </button>
      <button
        type="button"
        class="icon-button"
        title={isPlaying ? 'Pause' : 'Play'}
        onClick={() => playback.toggle()}
      >
        <Icon name={isPlaying ? 'pause' : 'play'} />
        <span class="unseen">{isPlaying ? 'Pause the replay' : 'Replay the transitions'}</span>
      </button>
      <button
        type="button"
        class="icon-button"
        title="One transition on"
        onClick={() => inspection.peek().step(1)}
      >
        <Icon name="on" />
        <span class="unseen">One transition on</span>
      </button>
    </>
  );
}

function Transition({ transition }: { readonly transition: ShownTransition }) {
  const { sequence, time, from, to, explanation, event, decision } = transition;
  const isShown = useComputed(() => inspection.value.moment.value?.sequence === sequence);
  const reason =
    decision?.['type'] === 'stop' && typeof decision['reason'] === 'string' ? decision['reason'] : null;
  const delay = transition.delay;
  return (
    <li>
      <button
        type="button"
        class="transition"
        data-sequence={sequence}
        aria-current={isShown.value ? 'true' : undefined}
        onClick={() => {
          playback.stop();
          inspection.peek().goTo(sequence);
        }}
      >
        <i class={`dot tone-${toneOf(to, reason)}`} />
        <time>{timeText(time)}</time>
        <code class="event">{event}</code>
        <span class="way">
          {from === null ? null : <span class="from">{from} → </span>}
          <b>{to}</b>
        </span>
        <span class="explanation">
          {explanation}
          {delay === null ? null : ` · ${delay.name} ${duration(delay.after)}`}
        </span>
      </button>
    </li>
  );
}

/** Newer ones are above. */
function stepByKey(event: KeyboardEvent): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
  event.preventDefault();
  inspection.peek().step(event.key === 'ArrowUp' ? 1 : -1);
}

function wordsOf({ from, to, event, explanation, cause }: ShownTransition): string {
  return `${from ?? ''} ${to} ${event} ${explanation} ${cause.type}`.toLowerCase();
}
