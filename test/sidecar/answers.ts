/** The pid of the process that answers at an address, or null when nobody does. */
export async function pidThatAnswers(origin: string): Promise<number | null> {
  try {
    const response = await fetch(`${origin}/`, { signal: AbortSignal.timeout(10_000) });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'pid' in body ? Number(body.pid) : null;
  } catch {
    return null;
  }
}
