import { useComputed } from '@preact/signals';
import { ChartPanel } from './chart/chart-panel.js';
import { Announcer } from './panels/announcer.js';
import { ConnectForm } from './panels/connect-form.js';
import { FleetList } from './panels/fleet-list.js';
import { LogPanel } from './panels/log-panel.js';
import { MetricTiles } from './panels/metric-tiles.js';
import { SidecarHeader } from './panels/sidecar-header.js';
import { Tabs } from './panels/tabs.js';
import { TopBar } from './panels/top-bar.js';
import { inspection, live, opened } from './session.js';

export function App() {
  return (
    <>
      <TopBar />
      <Announcer />
      <Body />
    </>
  );
}

function Body() {
  const isConnected = useComputed(() => live.value !== null || opened.value !== null);
  const selected = useComputed(() => inspection.value.selected.value);
  if (!isConnected.value) {
    return (
      <main class="empty">
        <ConnectForm />
      </main>
    );
  }
  if (selected.value === null) {
    return (
      <main class="empty">
        <p class="waiting">Waiting for the first sidecar…</p>
      </main>
    );
  }
  const sidecar = selected.value;
  return (
    <div class="body">
      <FleetList />
      <main class="workspace">
        <ChartPanel key={sidecar} sidecar={sidecar} />
        <div class="details">
          <SidecarHeader key={sidecar} sidecar={sidecar} />
          <MetricTiles key={sidecar} sidecar={sidecar} />
          <Tabs sidecar={sidecar} />
          <LogPanel key={sidecar} sidecar={sidecar} />
        </div>
      </main>
    </div>
  );
}
