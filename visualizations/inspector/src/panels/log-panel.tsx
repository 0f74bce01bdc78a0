import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { ShownLine } from '../../../../src/inspect/messages.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { MOST_LINES } from '../model/line-buffer.js';
import { inspection } from '../session.js';
import { isAtLeast, LEVELS, type Level, levelOf } from './line-level.js';
import { LineList } from './line-list.js';

/** What it prints; only those lines are in the page that can be seen. */
export function LogPanel({ sidecar }: { readonly sidecar: InspectedSidecar }) {
  const search = useSignal('');
  const level = useSignal<Level>('debug');
  /** What was there when it was paused; null while it follows. */
  const frozen = useSignal<readonly ShownLine[] | null>(null);
  const pausedAt = useRef(0);
  const { lines } = sidecar;

  const shown = useComputed(() => {
    lines.version.value;
    const { moment } = inspection.value;
    const all = frozen.value ?? lines.lines;
    const end = moment.value?.time ?? Number.POSITIVE_INFINITY;
    const wanted = search.value.toLowerCase();
    if (wanted === '' && level.value === 'debug' && moment.value === null) return all.slice(-MOST_LINES);
    return all.filter(
      (line) =>
        line.time <= end &&
        isAtLeast(levelOf(line), level.value) &&
        (wanted === '' || line.line.toLowerCase().includes(wanted)),
    );
  });
  const isPaused = frozen.value !== null;
  const pause = (isWanted: boolean) => {
    if (isWanted) pausedAt.current = lines.version.peek();
    frozen.value = isWanted ? lines.lines.slice() : null;
  };
  return (
    <section class="panel log-panel" aria-label="Log">
      <div class="tools">
        <h2>Log</h2>
        <input
          type="search"
          placeholder="Search…"
          aria-label="Search the log"
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value;
          }}
        />
        <select
          aria-label="Least level"
          value={level.value}
          onChange={({ currentTarget }) => {
            level.value = LEVELS.find((each) => each === currentTarget.value) ?? 'debug';
          }}
        >
          {LEVELS.map((each) => (
            <option key={each} value={each}>
              {each === 'debug' ? 'all levels' : `${each} and above`}
            </option>
          ))}
        </select>
        <button type="button" aria-pressed={!isPaused} onClick={() => pause(!isPaused)}>
          {isPaused ? 'Follow' : 'Pause'}
        </button>
        <button type="button" class="quiet" onClick={() => lines.clear()}>
          Clear
        </button>
      </div>
      <LineList lines={shown} isFollowing={!isPaused} onLeave={() => pause(true)} />
      <p class="log-foot">
        {shown.value.length.toLocaleString('en')} lines
        {lines.dropped === 0 ? '' : `; ${lines.dropped.toLocaleString('en')} more were too many to be shown`}
        {isPaused ? '; paused' : ''}
      </p>
    </section>
  );
}
