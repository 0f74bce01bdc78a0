import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ShownLine } from '../../../../src/inspect/messages.js';
import { timeText } from '../time/words.js';
import { levelOf } from './line-level.js';
import { lineText } from './line-text.js';

/** In CSS pixels, as in the style sheet. */
const ROW = 19;

/** More than is seen, so that a turn of the wheel shows no gap. */
const MARGIN = 8;

/** Longer lines are cut in the list; the title has more. */
const MOST_CHARACTERS = 1000;

interface Props {
  readonly lines: ReadonlySignal<readonly ShownLine[]>;
  readonly isFollowing: boolean;
  /** The person scrolls back. */
  readonly onLeave: () => void;
}

export function LineList({ lines, isFollowing, onLeave }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(0);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      height.value = current.clientHeight;
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [height]);
  const first = useComputed(() => {
    const count = Math.ceil(height.value / ROW);
    const at = isFollowing ? lines.value.length - count : Math.floor(top.value / ROW);
    return Math.max(0, at - MARGIN);
  });
  const count = Math.ceil(height.value / ROW) + 2 * MARGIN + 1;
  const shown = lines.value.slice(first.value, first.value + count);
  useLayoutEffect(() => {
    if (isFollowing && place.current !== null) place.current.scrollTop = place.current.scrollHeight;
  });
  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => {
    top.value = currentTarget.scrollTop;
  };
  const onWheel = ({ deltaY }: WheelEvent) => {
    if (isFollowing && deltaY < 0) onLeave();
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (isFollowing && ['ArrowUp', 'PageUp', 'Home'].includes(key)) onLeave();
  };
  return (
    <div
      ref={place}
      class="lines"
      role="log"
      aria-live="off"
      aria-label="Lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
      tabIndex={0}
      onScroll={onScroll}
      onWheel={onWheel}
      onKeyDown={onKeyDown}
    >
      <div class="lines-all" style={{ height: `${lines.value.length * ROW}px` }}>
        <div class="lines-shown" style={{ transform: `translateY(${first.value * ROW}px)` }}>
          {shown.map((line, index) => (
            <Line key={first.value + index} line={line} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Line({ line }: { readonly line: ShownLine }) {
  const level = levelOf(line);
  return (
    <div class={`line level-${level}`} title={line.line.slice(0, MOST_CHARACTERS * 4)}>
      <time>{timeText(line.time)}</time>
      <span class="level">{line.stream === 'compile' ? 'build' : level}</span>
      <span class="text">{lineText(line).slice(0, MOST_CHARACTERS)}</span>
    </div>
  );
}
