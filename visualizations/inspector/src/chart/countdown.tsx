import { useEffect, useRef } from 'preact/hooks';
import { duration } from '../../../../machines/explain.js';
import type { ShownDelay } from '../../../../src/inspect/messages.js';
import { durationText } from '../time/words.js';

/** As often as a tenth of a second is shown. */
const STEP = 100;

/** Calls again and again with how much of a delay is left, in milliseconds, until it has run out. */
export function useCountdown(delay: ShownDelay, show: (left: number) => void): void {
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    const next = () => {
      const left = Math.max(0, delay.endsAt - Date.now());
      latest.current(left);
      if (left === 0) clearInterval(timer);
    };
    const timer = setInterval(next, STEP);
    next();
    return () => clearInterval(timer);
  }, [delay.endsAt]);
}

interface Props {
  readonly delay: ShownDelay;
  readonly class: string;
}

/** A delay that runs, in words. */
export function Countdown({ delay, class: className }: Props) {
  const text = useRef<HTMLSpanElement>(null);
  useCountdown(delay, (left) => {
    if (text.current !== null) text.current.textContent = leftText(left);
  });
  return (
    <span class={className} title={`${delay.name}: ${duration(delay.after)} in all`}>
      {delay.name} <span ref={text} class="left" />
    </span>
  );
}

/** Its length does not change with every digit. */
export function leftText(left: number): string {
  return left < 60_000 ? `${(left / 1000).toFixed(1)} s` : durationText(left);
}
