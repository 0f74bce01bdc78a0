/** Where the host of the inspector is, and what lets one in. */
export interface Address {
  /** `127.0.0.1:4777` */
  readonly host: string;
  readonly token: string;
  readonly protocol: 'ws' | 'wss';
}

/** From the address of the page: `http://127.0.0.1:4777/inspect/#token=…`. Null where it does not say. */
export function addressOf({
  protocol,
  host,
  hash,
}: Pick<Location, 'protocol' | 'host' | 'hash'>): Address | null {
  const token = new URLSearchParams(hash.slice(1)).get('token');
  if (token === null || token === '' || !/^https?:$/.test(protocol)) return null;
  return { host, token, protocol: protocol === 'https:' ? 'wss' : 'ws' };
}

/** What a person typed or pasted: the page's address whole, or only `host:port` and the token apart. */
export function typedAddress(where: string, token: string): Address | null {
  const text = where.trim();
  if (text === '') return null;
  try {
    const url = new URL(/^https?:\/\//.test(text) ? text : `http://${text}`);
    const found = addressOf(url);
    if (found !== null) return found;
    const typed = token.trim();
    return typed === ''
      ? null
      : { host: url.host, token: typed, protocol: url.protocol === 'https:' ? 'wss' : 'ws' };
  } catch {
    // Not an address.
    return null;
  }
}

export function serverOf({ host, token }: Address): string {
  return `${host}/inspect/socket?token=${encodeURIComponent(token)}`;
}
