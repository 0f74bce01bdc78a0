import { type Chart, type ChartState, childrenOf, isWithin, leavesEnteredBy, stateNamed } from './chart.js';
import { type Edge, type EdgeOptions, leadsInside, mergeEdges } from './edge-labels.js';
import { initialChoice, initialEdges } from './initial-choice.js';

/** How a Mermaid diagram is drawn. */
export interface MermaidOptions extends EdgeOptions {
  /** Top to bottom (the default), or left to right. */
  readonly direction?: 'TB' | 'LR';
}

/** Draws a chart as a Mermaid `stateDiagram-v2`. Transitions without a target are left out. */
export function toMermaid(chart: Chart, options: MermaidOptions = {}): string {
  const edges = mergeEdges(chart, options);
  const choice = initialChoice(chart);
  const body = [
    `direction ${options.direction ?? 'TB'}`,
    ...drawInside(chart, edges, stateNamed(chart, '')),
    '',
    ...edges.filter(({ source }) => source !== choice).map((edge) => drawEdge(chart, edge)),
  ];
  return ['stateDiagram-v2', ...indent(body), ''].join('\n');
}

function drawInside(chart: Chart, edges: readonly Edge[], parent: ChartState): string[] {
  const startsHere = edges.some((edge) => edge.source === parent.name && leadsInside(chart, edge));
  return [
    ...drawInitial(chart, edges, parent),
    ...childrenOf(chart, parent.name)
      .filter(({ name }) => name !== initialChoice(chart))
      .flatMap((state, index) => [
        // Regions that are active side by side are divided by a line.
        ...(parent.type === 'parallel' && index > 0 ? ['--'] : []),
        ...drawState(chart, edges, state),
      ]),
    ...(startsHere ? [`state "(any of these)" as ${anyIdOf(parent.name)}`] : []),
  ];
}

/** An initial child is marked only where it is entered by default, because a needless arrow costs much room. */
function drawInitial(chart: Chart, edges: readonly Edge[], state: ChartState): string[] {
  if (state.parent === null) return initialEdges(chart, '').map((edge) => drawArrow('[*]', edge));
  return state.initial !== null && isEnteredItself(chart, edges, state)
    ? [`[*] --> ${idOf(state.initial)}`]
    : [];
}

function isEnteredItself(chart: Chart, edges: readonly Edge[], { name, parent }: ChartState): boolean {
  if (parent === null || edges.some(({ target }) => target === name)) return true;
  const outer = stateNamed(chart, parent);
  return outer.type === 'parallel' || (outer.initial === name && isEnteredItself(chart, edges, outer));
}

function drawState(chart: Chart, edges: readonly Edge[], state: ChartState): string[] {
  const declaration = `state "${textOf(state.key)}" as ${idOf(state.name)}`;
  const end = state.type === 'final' ? [`${idOf(state.name)} --> [*]`] : [];
  const inside = drawInside(chart, edges, state);
  return inside.length === 0 ? [declaration, ...end] : [`${declaration} {`, ...indent(inside), '}'];
}

function drawEdge(chart: Chart, edge: Edge): string {
  const { source, target, lines } = edge;
  const from = leadsInside(chart, edge) ? anyIdOf(source) : idOf(source);
  // An arrow can't end at a frame that it starts within, so it ends where that leads.
  const [entered] = source !== target && isWithin(source, target) ? leavesEnteredBy(chart, target) : [];
  return drawArrow(from, { target: entered ?? target, lines });
}

function drawArrow(from: string, { target, lines }: Pick<Edge, 'target' | 'lines'>): string {
  const arrow = `${from} --> ${idOf(target)}`;
  return lines.length === 0 ? arrow : `${arrow} : ${lines.map(textOf).join('<br/>')}`;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}

const reservedIds = new Set([
  ...[
    'accDescr',
    'accTitle',
    'as',
    'class',
    'classDef',
    'click',
    'default',
    'direction',
    'end',
    'hide',
    'href',
  ],
  ...['note', 'scale', 'state', 'stateDiagram', 'style'],
]);

function idOf(name: string): string {
  const id = name.replaceAll(/\W/g, '_');
  return reservedIds.has(id) ? `${id}_` : id;
}

function anyIdOf(name: string): string {
  return `${idOf(name)}__any`;
}

/** Mermaid has no escape that works in every label, so what it would take for syntax is replaced by what looks alike. */
function textOf(text: string): string {
  return text.replaceAll(/[;#"<>]/g, (character) => lookalikes[character] ?? ' ');
}

const lookalikes: Readonly<Record<string, string>> = { ';': ',', '#': '＃', '"': "'", '<': '‹', '>': '›' };
