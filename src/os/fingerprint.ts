const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** FNV-1a with 64 bits, as hexadecimal: the same name for the same text, without loading `node:crypto`. See draft-eastlake-fnv. */
export function fingerprint(text: string): string {
  const hash = Buffer.from(text).reduce(
    (before, byte) => BigInt.asUintN(64, (before ^ BigInt(byte)) * PRIME),
    OFFSET_BASIS,
  );
  return hash.toString(16).padStart(16, '0');
}
