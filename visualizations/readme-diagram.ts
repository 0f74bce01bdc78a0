const BEGIN = '<!-- diagram:begin -->';
const END = '<!-- diagram:end -->';

/** The README with this diagram between its markers; null when it has no markers. */
export function placeDiagram(readme: string, mermaid: string): string | null {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END, begin);
  if (begin === -1 || end === -1) return null;
  const before = readme.slice(0, begin + BEGIN.length);
  return `${before}\n\n\`\`\`mermaid\n${mermaid.trimEnd()}\n\`\`\`\n\n${readme.slice(end)}`;
}
