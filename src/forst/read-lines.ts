/** The lines of a stream that are not blank, one at a time: what comes next is read once it is asked for. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let line = '';
  for await (const chunk of chunks) {
    const [end = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    line += end;
    for (const next of others) {
      if (line.trim() !== '') yield line;
      line = next;
    }
  }
  line += decoder.decode();
  if (line.trim() !== '') yield line;
}
