import type { Actor, SnapshotFrom } from 'xstate';
import { explainEndpoint, explainTransition } from '../machines/explain.js';
import type { SidecarContext } from '../machines/sidecar.types.js';
import type { SidecarClient } from './client/client.js';
import type { Server, ServerLife, Serving } from './client/serving.js';
import type { ResolvedSidecarConfig } from './config/schema.js';
import { SidecarUnavailableError, SidecarUnkillableError } from './sidecar-error.js';
import type { sidecarMachine } from './sidecar-machine.js';

export type SidecarSnapshot = SnapshotFrom<typeof sidecarMachine>;

/** Lets a client follow an actor for the rest of its life: what may be done with requests now. */
export function follow(client: SidecarClient, actor: Actor<typeof sidecarMachine>, hasBegun: boolean): void {
  const update = (snapshot: SidecarSnapshot) =>
    client.update(servingOf(snapshot), (server) => lifeOf(snapshot, server));
  const close = () => update(actor.getSnapshot());
  actor.subscribe({ next: update, complete: close, error: close });
  // Before it was started there is a snapshot already, of which nothing has happened yet.
  if (hasBegun) update(actor.getSnapshot());
}

/** What may be done with a request while a sidecar is like this. */
function servingOf(snapshot: SidecarSnapshot): Serving {
  const { context } = snapshot;
  if (snapshot.status !== 'active') return { type: 'closed' };
  if (snapshot.matches('stopped')) return isDormant(context) ? { type: 'dormant' } : { type: 'closed' };
  if (snapshot.matches('stopping')) return servingWhileStopping(context);
  const server = serverOf(snapshot);
  return server !== null && context.readiness.isReady ? { type: 'open', server } : { type: 'waiting' };
}

function servingWhileStopping(context: SidecarContext): Serving {
  if (context.startAgain) return { type: 'waiting' };
  return isDormant(context) ? { type: 'dormant' } : { type: 'closed' };
}

/** It is not needed now, and the next request starts it. */
function isDormant({ reason }: SidecarContext): boolean {
  return reason === 'lazy' || reason === 'idle';
}

/** Whether a process serves: it is up, or still serves while a reload compiles. */
export function isServing(snapshot: SidecarSnapshot): boolean {
  if (snapshot.status !== 'active') return false;
  if (snapshot.matches('running') || snapshot.matches('degraded')) return true;
  return snapshot.matches({ restarting: 'recompiling' }) && snapshot.context.process?.exit === null;
}

function serverOf(snapshot: SidecarSnapshot): Server | null {
  const { process } = snapshot.context;
  if (!isServing(snapshot) || process === null) return null;
  const { generation, pid, endpoint } = process;
  return endpoint === null || endpoint.transport === 'direct' ? null : { generation, pid, endpoint };
}

/** How the process that requests were sent to is doing. */
function lifeOf({ status, context }: SidecarSnapshot, { generation }: Server): ServerLife {
  const { process, deadline, lastExit } = context;
  if (status !== 'active' && process?.exit === null) return { type: 'dead', exit: null };
  if (process?.generation !== generation || process.exit !== null) return { type: 'dead', exit: lastExit };
  return deadline === null ? { type: 'alive' } : { type: 'ending' };
}

/** What it is doing and why, to go after "it is". */
export function describeServing({ context }: SidecarSnapshot): string {
  const record = context.history.at(-1);
  if (record === undefined) return 'starting';
  const { last, isReady } = context.readiness;
  const state = `${record.to} (${explainTransition(record)})`;
  if (context.process?.endpoint?.transport === 'direct') {
    return `${state}: ${explainEndpoint(context.process.endpoint)} takes calls and no requests`;
  }
  if (isReady || last === null || last.passed) return state;
  return `${record.to}, but not ready: ${last.check}: ${last.error}`;
}

/** The error of a call when no shared library is there to take it. */
export function cannotBeCalled(
  { name, transport }: ResolvedSidecarConfig,
  state: string,
): SidecarUnavailableError {
  if (transport === 'direct') {
    return new SidecarUnavailableError('stopped', `The sidecar "${name}" can’t be called; it is ${state}`);
  }
  const why = 'its functions can be called only with the transport "direct"';
  return new SidecarUnavailableError('transport', `The sidecar "${name}" is a process: ${why}`);
}

/** The error of a stop when something is left of the sidecar. */
export function unkillable({ context }: SidecarSnapshot): SidecarUnkillableError {
  const { name, transport } = context.config;
  const why =
    transport === 'direct'
      ? 'a call in its library is still under way'
      : `process ${context.process?.pid} or one of its group is still there after SIGKILL`;
  return new SidecarUnkillableError(`The sidecar "${name}" can't be stopped: ${why}.`);
}
