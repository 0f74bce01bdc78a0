import { type InspectSettings, inspectSettings } from './config/inspect-schema.js';
import type { ResolvedSidecarConfig } from './config/schema.js';
import type { ChangingInspector, Inspector } from './inspect/inspector.js';
import { Recent } from './inspect/recent.js';
import type { InspectedSidecar } from './inspect/sidecar-feed.js';
import type { Sidecar } from './sidecar.js';

/** What is shown, and as what. */
export interface Inspected {
  readonly title: string;
  readonly sidecars: () => ReadonlyMap<string, Sidecar>;
}

/** The inspector of a sidecar or a fleet, if one is wanted. Its server is loaded when it is. */
export class Inspection {
  readonly #settings: InspectSettings | null;
  readonly #inspected: Inspected;
  #shown: readonly InspectedSidecar[] = [];
  #inspector: Promise<ChangingInspector> | null = null;

  constructor(inspect: ResolvedSidecarConfig['inspect'], inspected: Inspected) {
    this.#settings = inspectSettings(inspect);
    this.#inspected = inspected;
  }

  /** The one that is open, or is opened by this; null when none is wanted. */
  async open(): Promise<Inspector | null> {
    if (this.#settings === null) return null;
    this.#inspector ??= this.#listen(this.#settings);
    return this.#inspector;
  }

  /** Opens it with the first start and says where, as `node --inspect` does. Without it everything works as well. */
  announce(): void {
    if (this.#settings === null || this.#inspector !== null) return;
    const { title } = this.#inspected;
    this.open().then(
      (inspector) => void process.stderr.write(`sidecar: the inspector of ${title}: ${inspector?.url}\n`),
      (error: unknown) => process.emitWarning(`The inspector of ${title} can't be opened: ${String(error)}`),
    );
  }

  /** Other sidecars are to be shown. */
  adopt(): void {
    const opened = this.#inspector;
    if (opened === null) return;
    // What they print from now on is kept, also while the server is being loaded.
    const sidecars = this.#sidecars();
    opened.then(
      (inspector) => inspector.show(sidecars),
      () => {
        // Why it could not be opened was told by whoever opened it.
      },
    );
  }

  async close(): Promise<void> {
    // Why it could not be opened was told by whoever opened it.
    const inspector = await this.#inspector?.catch(() => null);
    await inspector?.close();
  }

  async #listen(settings: InspectSettings): Promise<ChangingInspector> {
    const { title } = this.#inspected;
    const sidecars = this.#sidecars();
    const { openInspector } = await import('./inspect/inspector.js');
    return openInspector({
      ...settings,
      title,
      sidecars,
      onFault: (error) => process.emitWarning(`The inspector of ${title} has a fault: ${String(error)}`),
    });
  }

  #sidecars(): readonly InspectedSidecar[] {
    const shown = [...this.#inspected.sidecars()].map(
      ([name, sidecar]) =>
        this.#shown.find((each) => each.sidecar === sidecar) ?? {
          name,
          sidecar,
          recent: new Recent(sidecar),
        },
    );
    this.#shown = shown;
    return shown;
  }
}
