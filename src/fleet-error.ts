import { explainStop } from '../machines/explain.js';
import { explainFleetStop } from '../machines/explain-fleet.js';
import type { ChangeFailure, FleetEmitted, FleetStopReason } from '../machines/fleet.types.js';
import { SidecarError } from './sidecar-error.js';

/** A fleet did not come up, or was stopped meanwhile. All of its sidecars are stopped. */
export class FleetStartError extends SidecarError {
  override readonly name = 'FleetStartError';
  /** Why it is stopped, and which sidecar it was. */
  readonly reason: FleetStopReason;
  /** The last lines of the sidecar that it failed with. */
  readonly tail: readonly string[];

  constructor(reason: FleetStopReason) {
    const tail = tailOf(reason);
    const lines = tail.slice(-SHOWN_LINES).map((line) => `  | ${line}`);
    super([`The fleet did not start: ${explainFleetStop(reason)}`, ...lines].join('\n'));
    this.reason = reason;
    this.tail = tail;
  }
}

/** A rolling restart was not finished: what had not had its turn was not replaced. */
export class FleetRolloutError extends SidecarError {
  override readonly name = 'FleetRolloutError';
  /** The instance that it failed with; null when it was broken off. */
  readonly instance: string | null;

  constructor({ sidecar, name, why }: Extract<FleetEmitted, { type: 'rollout-failed' }>) {
    super(`The rollout of "${sidecar}" ended ${name === null ? 'early' : `with "${name}"`}: ${why}`);
    this.instance = name;
  }
}

/** With a new configuration something did not come up. The others are as that configuration has them. */
export class FleetChangeError extends SidecarError {
  override readonly name = 'FleetChangeError';
  readonly failures: readonly ChangeFailure[];

  constructor(failures: readonly ChangeFailure[]) {
    const told = failures.map(
      ({ name, reason, cause }) => `"${name}" did not come up: ${explainStop(reason, cause)}`,
    );
    super(told.join('\n'));
    this.failures = failures;
  }
}

const SHOWN_LINES = 15;

function tailOf(reason: FleetStopReason): readonly string[] {
  if (reason.type !== 'sidecar-failed' && reason.type !== 'intensity-exceeded') return [];
  const { cause } = reason;
  if (cause?.type === 'compile-failed') return cause.failure.tail;
  return cause?.type === 'exited' ? cause.exit.tail : [];
}
