import type { Handoff } from '../../machines/sidecar.types.js';
import { isRecord } from '../config/is-record.js';
import type { Environment } from '../config/values.js';

/** What a call is proved with. It is read anew for each call, and kept by nobody. */
export interface InvokeSecret {
  readonly key: Buffer;
  /** The generation that the token belongs to; null when it came without one, and is that of the challenge. */
  readonly generation: number | null;
}

/** What a server wants to be answered: its nonce is good for one call. */
export interface InvokeChallenge {
  readonly nonce: string;
  readonly generation: number;
}

/** What every proof begins with. */
const PROOF_VERSION = 'forst-invoke-v1';

/**
 * The secret of the process of the moment: the line that it handed over, `{"generation": 1, "token": "…"}`, or else
 * the token that its environment gave it. Null when there is neither.
 *
 * @throws {Error} when the line is no such thing. It does not quote it.
 */
export function readSecret(handoff: Handoff | null, environment: Environment): InvokeSecret | null {
  if (handoff !== null) return readHandoff(handoff);
  const token = environment['FORST_INVOKE_TOKEN']?.trim() ?? '';
  return token === '' ? null : { key: keyOf(token), generation: null };
}

/** The three headers that prove a call. */
export async function proofHeaders(
  { key, generation: own }: InvokeSecret,
  { nonce, generation: asked }: InvokeChallenge,
): Promise<Record<string, string>> {
  // Whoever has no such server need not load it.
  const { createHmac } = await import('node:crypto');
  const generation = own ?? asked;
  return {
    'X-Forst-Invoke-Nonce': nonce,
    'X-Forst-Invoke-Generation': String(generation),
    'X-Forst-Invoke-Proof': createHmac('sha256', key)
      .update(`${PROOF_VERSION}|${generation}|${nonce}`)
      .digest('base64url'),
  };
}

/** Whether the environment of a server switches its authentication off. */
export function isAuthenticationOff(environment: Environment): boolean {
  return ['off', '0', 'false'].includes(environment['FORST_INVOKE_AUTH']?.trim().toLowerCase() ?? '');
}

function readHandoff(handoff: Handoff): InvokeSecret {
  const { token, generation } = parseObject(handoff.reveal());
  if (typeof token === 'string' && token !== '' && Number.isSafeInteger(generation)) {
    return { key: keyOf(token), generation: Number(generation) };
  }
  throw new Error('what the process handed over is not a token with its generation');
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(line);
    return isRecord(parsed) ? parsed : {};
  } catch {
    // The error would quote the line.
    return {};
  }
}

/** The key of the HMAC is the 32 bytes, and not the text that they are written as. */
function keyOf(token: string): Buffer {
  return Buffer.from(token, 'base64url');
}
