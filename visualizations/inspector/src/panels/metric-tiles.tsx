import { useComputed } from '@preact/signals';
import { duration } from '../../../../machines/explain.js';
import type { ShownLimits } from '../../../../src/inspect/messages.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { inspection } from '../session.js';
import { LineChart, type Plotted } from './line-chart.js';

interface Props {
  readonly sidecar: InspectedSidecar;
}

type Measure = keyof ShownLimits;

export function MetricTiles({ sidecar }: Props) {
  return (
    <section class="tiles" aria-label="What it uses">
      <SampleTile
        sidecar={sidecar}
        name="Memory"
        measure="memoryMB"
        show={(value) => `${value.toFixed(1)} MB`}
      />
      <SampleTile
        sidecar={sidecar}
        name="CPU"
        measure="cpuPercent"
        show={(value) => `${value.toFixed(1)} %`}
      />
      <SampleTile sidecar={sidecar} name="Descriptors" measure="fileDescriptors" show={String} />
      <HealthTile sidecar={sidecar} />
      <BudgetTile sidecar={sidecar} />
    </section>
  );
}

interface SampleProps extends Props {
  readonly name: string;
  readonly measure: Measure;
  readonly show: (value: number) => string;
}

function SampleTile({ sidecar, name, measure, show }: SampleProps) {
  const points = useComputed<readonly Plotted[]>(() => {
    sidecar.samples.version.value;
    return sidecar.samples
      .until(inspection.value.moment.value?.time ?? null)
      .flatMap(({ time, [measure]: value }) => (value === null ? [] : [{ time, value }]));
  });
  const limits = useComputed(() => {
    const { max, soft } = sidecar.report.value?.limits ?? {};
    return { max: max?.[measure] ?? null, soft: soft?.[measure] ?? null };
  });
  const last = points.value.at(-1);
  const { max } = limits.value;
  const isOver = last !== undefined && max !== null && last.value > max;
  return (
    <Tile
      name={name}
      value={last === undefined ? '–' : show(last.value)}
      note={max === null ? 'no limit' : `of ${show(max).replace('.0', '')}`}
      isBad={isOver}
    >
      <LineChart points={points} limits={limits} />
    </Tile>
  );
}

const noLimits = { max: null, soft: null };

function HealthTile({ sidecar }: Props) {
  const healths = useComputed(() => {
    sidecar.healths.version.value;
    return sidecar.healths.until(inspection.value.moment.value?.time ?? null);
  });
  const points = useComputed<readonly Plotted[]>(() =>
    healths.value.map(({ time, latency, healthy }) => ({ time, value: latency, isBad: !healthy })),
  );
  const limits = useComputed(() => noLimits);
  const last = healths.value.at(-1);
  const value = last === undefined ? '–' : last.healthy ? `${last.latency.toFixed(1)} ms` : 'failed';
  return (
    <Tile
      name="Health"
      value={value}
      note={last === undefined ? 'not checked' : last.healthy ? 'passes' : `in ${duration(last.latency)}`}
      isBad={last?.healthy === false}
    >
      <LineChart points={points} limits={limits} />
    </Tile>
  );
}

/** Each restart that the budget has, used up or not. */
function BudgetTile({ sidecar }: Props) {
  const moment = inspection.value.moment.value;
  const restarts = moment === null ? (sidecar.facts.value?.restarts ?? null) : null;
  if (restarts === null) return null;
  const { used, max, window } = restarts;
  const left = Math.max(0, max - used);
  const shown = Math.min(max, 20);
  return (
    <Tile
      name="Restarts"
      value={`${left} left`}
      note={`${used} of ${max} in ${duration(window)}`}
      isBad={left === 0 && max > 0}
    >
      <div class="budget" role="img" aria-label={`${used} of ${max} restarts are used up`}>
        {Array.from({ length: shown }, (_, index) => (
          <i key={index} class={index < (used * shown) / Math.max(1, max) ? 'used' : ''} />
        ))}
      </div>
    </Tile>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly isBad: boolean;
  readonly children: preact.ComponentChildren;
}

function Tile({ name, value, note, isBad, children }: TileProps) {
  return (
    <div class={`tile ${isBad ? 'bad' : ''}`}>
      <h3>{name}</h3>
      <p class="tile-value">
        <b>{value}</b> <span>{note}</span>
      </p>
      {children}
    </div>
  );
}
