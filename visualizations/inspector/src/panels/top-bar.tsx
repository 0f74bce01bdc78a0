import { useComputed } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { exportInspection } from '../journal/exported.js';
import { closeFile, inspection, live, open, opened } from '../session.js';
import { theme, toggleTheme } from '../theme.js';
import { clock } from '../time/clock.js';
import { Icon } from './icon.js';

export function TopBar() {
  const title = useComputed(() => inspection.value.title.value);
  return (
    <header class="top-bar">
      <Icon name="logo" />
      <h1 class="title">
        Inspector<span class="title-of">{title.value === '' ? '' : ` ${title.value}`}</span>
      </h1>
      <ConnectionState />
      <span class="spring" />
      <FileButtons />
      <button type="button" class="quiet icon-button" onClick={toggleTheme}>
        <Icon name={theme.value === 'dark' ? 'sun' : 'moon'} />
        <span class="unseen">{theme.value === 'dark' ? 'Light theme' : 'Dark theme'}</span>
      </button>
    </header>
  );
}

function ConnectionState() {
  const connection = useComputed(() => inspection.value.connection.value);
  const { value } = connection;
  if (live.value === null && opened.value === null) return null;
  switch (value.type) {
    case 'open':
      return (
        <span class="connection" data-connection="open">
          <i class="dot tone-good" />
          {inspection.value.readOnly.value ? 'Live, read-only' : 'Live'}
        </span>
      );
    case 'connecting':
      return (
        <span class="connection" data-connection="connecting">
          <i class="dot tone-start" />
          Connecting…
        </span>
      );
    case 'file':
      return (
        <span class="connection" data-connection="file">
          <i class="dot tone-ending" />
          Journal
          <button type="button" class="small" onClick={closeFile}>
            Close
          </button>
        </span>
      );
    case 'lost': {
      const seconds = Math.max(0, Math.ceil((value.retryAt - clock.value) / 1000));
      return (
        <span class="connection" data-connection="lost">
          <i class="dot tone-bad" />
          {value.hasBeenOpen ? 'Connection lost' : 'No answer: is it running, and the token right?'}
          <button type="button" class="small" onClick={() => live.peek()?.retryNow()}>
            Try now{seconds > 1 ? ` (${seconds} s)` : ''}
          </button>
        </span>
      );
    }
  }
}

function FileButtons() {
  const input = useRef<HTMLInputElement>(null);
  const onChosen = async ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
    const [file] = currentTarget.files ?? [];
    if (file !== undefined) await open(file);
    currentTarget.value = '';
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        class="unseen"
        tabIndex={-1}
        aria-label="A journal or an export"
        accept=".jsonl,.json,.1,.2,.3"
        onChange={onChosen}
      />
      <button type="button" class="quiet" onClick={() => input.current?.click()}>
        <Icon name="open" />
        <span class="wide-only">Open journal</span>
        <span class="narrow-only unseen">Open journal</span>
      </button>
      <button type="button" class="quiet" onClick={saveExport}>
        <Icon name="save" />
        <span class="wide-only">Export</span>
        <span class="narrow-only unseen">Export</span>
      </button>
    </>
  );
}

function saveExport(): void {
  const url = URL.createObjectURL(
    new Blob([exportInspection(inspection.peek())], { type: 'application/json' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = `inspection-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
