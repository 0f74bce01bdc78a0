/** `12 ms`, `3.4 s`, `4 min 12 s`, `2 h 05 min`, `3 d 4 h`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? `${hours} h ${twoDigits(minutes % 60)} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `19:07:05.123` of a Unix time. */
export function timeText(time: number): string {
  return `${timeOfDay.format(time)}.${String(Math.floor(time % 1000)).padStart(3, '0')}`;
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
