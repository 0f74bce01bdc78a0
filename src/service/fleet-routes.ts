import type { FleetHistory } from './fleet-history.js';
import { Problem } from './problem.js';
import { type Route, route, takesNothing } from './route.js';
import { doneAnswer, fleetHistoryAnswer, rolloutBody } from './schemas.js';
import type { Service } from './service.js';

/** What is asked of the fleet as a whole, and told to it; a single sidecar has none. */
export function fleetRoutes(service: Service, history: FleetHistory): readonly Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/fleet/history',
        operation: 'historyOfFleet',
        summary: 'The last events of the fleet, oldest first; none for a single sidecar',
        answers: { 200: { description: 'The events', schema: fleetHistoryAnswer } },
      },
      { ...takesNothing, handle: () => ({ events: history.entries }) },
    ),
    route(
      {
        method: 'POST',
        path: '/fleet/rollouts',
        operation: 'rollFleet',
        summary: 'Replaces all instances of a sidecar, while others of it serve; answers once that is done',
        answers: { 200: { description: 'It is done', schema: doneAnswer } },
      },
      {
        ...takesNothing,
        body: rolloutBody,
        handle: async ({ body: { sidecar, ...options } }) => {
          if (service.isStopping) throw new Problem(409, 'the service is being stopped');
          const keys = new Set(service.members.map(({ key }) => key));
          if (!keys.has(sidecar)) {
            throw new Problem(404, `there is no sidecar "${sidecar}"; there are: ${[...keys].join(', ')}`);
          }
          await service.rollingRestart(sidecar, options).catch((error: unknown) => {
            throw error instanceof RangeError ? new Problem(400, error.message) : error;
          });
          return { done: true };
        },
      },
    ),
  ];
}
