import { useComputed } from '@preact/signals';
import type { Command } from '../../../../src/inspect/messages.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { inspection, sender } from '../session.js';

const COMMANDS: readonly Command[] = ['START', 'STOP', 'RESTART', 'RELOAD'];

export function CommandButtons({ sidecar }: { readonly sidecar: InspectedSidecar }) {
  return (
    <fieldset class="commands">
      <legend class="unseen">Commands</legend>
      {COMMANDS.map((command) => (
        <CommandButton key={command} command={command} sidecar={sidecar} />
      ))}
    </fieldset>
  );
}

interface Props {
  readonly command: Command;
  readonly sidecar: InspectedSidecar;
}

/** One that does nothing now can still be reached by the keyboard, so that everybody learns why. */
function CommandButton({ command, sidecar }: Props) {
  const reason = useComputed(() => refusal(command, sidecar));
  const id = `reason-${command}`;
  const send = () => {
    if (refusal(command, sidecar) === null) sender.peek()?.sendEvent(sidecar.id, { type: command });
  };
  return (
    <>
      <button
        type="button"
        class="command"
        data-command={command}
        aria-disabled={reason.value === null ? undefined : 'true'}
        aria-describedby={reason.value === null ? undefined : id}
        title={reason.value ?? undefined}
        onClick={send}
      >
        {command}
      </button>
      {reason.value === null ? null : (
        <span id={id} class="unseen">
          {reason.value}
        </span>
      )}
    </>
  );
}

/** Why a command does nothing now; null when it does something. */
function refusal(command: Command, sidecar: InspectedSidecar): string | null {
  const { readOnly, connection, moment } = inspection.value;
  if (connection.value.type === 'file') return 'This is a journal: there is nothing that could be told.';
  if (connection.value.type !== 'open') return 'There is no connection.';
  if (readOnly.value) return 'The service is looked at only.';
  if (moment.value !== null) return 'This is the past: go back to live first.';
  if (sidecar.isGivenUp.value) return 'The sidecar was given up.';
  const report = sidecar.report.value;
  return report === null ? 'It is not known yet how it is.' : (report.commands[command] ?? null);
}
