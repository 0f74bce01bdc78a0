import { changeLines, changesAnything } from './change-lines.js';
import { type ServiceFlags, withService } from './running-service.js';

export type ApplyFlags = ServiceFlags & { readonly dryRun?: true; readonly json?: true };

/** `sidecar apply`: lets a running service change to what its configuration file says now. */
export async function apply(flags: ApplyFlags): Promise<void> {
  await withService(flags, async (control) => {
    const isTry = flags.dryRun === true;
    if (flags.json === true) {
      console.log(JSON.stringify(await control.apply({ dryRun: isTry }), null, 2));
      return;
    }
    // It is shown before it is done, which may take a while.
    const changes = await control.apply({ dryRun: true });
    for (const line of changeLines(changes)) console.log(line);
    if (isTry || !changesAnything(changes)) return;
    await control.apply();
    console.log('It is done.');
  });
}
