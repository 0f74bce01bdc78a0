import { isIP } from 'node:net';

/**
 * Whether a `Host` header names this machine: by an address, as `localhost`, or by the host that is listened on. A name
 * that somebody else's DNS leads here may be that of a web page (DNS rebinding).
 */
export function isOwnHost(header: string | undefined, listened: string): boolean {
  if (header === undefined || !URL.canParse(`http://${header}`)) return false;
  const { hostname } = new URL(`http://${header}`);
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 || bare === 'localhost' || bare === listened.toLowerCase();
}
