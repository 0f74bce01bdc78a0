import { useComputed } from '@preact/signals';
import { notice } from '../model/notices.js';
import { inspection } from '../session.js';

/** Tells those who do not see the page what changes, and everybody what they must know. */
export function Announcer() {
  const text = useComputed(() => {
    const { selected, moment } = inspection.value;
    const last = selected.value?.transitions.value.at(-1);
    if (selected.value === null || last === undefined || moment.value !== null) return '';
    return `${selected.value.id} is ${last.to}: ${last.explanation}`;
  });
  return (
    <>
      <p class="unseen" aria-live="polite" role="status">
        {text}
      </p>
      <div class="notice-place" role="alert">
        {notice.value === null ? null : <p class="notice">{notice.value.text}</p>}
      </div>
    </>
  );
}
