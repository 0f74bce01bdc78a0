import { explainTransition } from '../index.js';
import { Problem } from './problem.js';
import type { RecentLines } from './recent-lines.js';
import { type Asked, type Route, type RouteDescription, route, takesNothing } from './route.js';
import {
  doneAnswer,
  healthAnswer,
  historyAnswer,
  logsAnswer,
  logsQuery,
  sendBody,
  sidecarName,
  sidecarStatus,
  whatIfAnswer,
  whatIfBody,
  whyAnswer,
} from './schemas.js';
import type { Service, ServiceMember } from './service.js';

type Named = Asked<{ readonly name: string }, unknown, unknown>;

/** What is asked of one sidecar, and told to it. */
export function sidecarRoutes(service: Service, lines: RecentLines): readonly Route[] {
  const member = ({ params: { name } }: Named): ServiceMember => {
    const found = service.members.find((each) => each.name === name);
    if (found !== undefined) return found;
    const names = service.members.map((each) => each.name).join(', ');
    throw new Problem(404, `there is no sidecar "${name}"; there are: ${names}`);
  };
  const named = { ...takesNothing, params: sidecarName };

  const read = (
    part: string,
    summary: string,
    schema: RouteDescription['answers'][number]['schema'],
    answer: (member: ServiceMember) => unknown,
  ) =>
    route(
      {
        method: 'GET',
        path: part === 'status' ? '/sidecars/{name}' : `/sidecars/{name}/${part}`,
        operation: `${part}OfSidecar`,
        summary,
        answers: { 200: { description: summary, schema } },
      },
      { ...named, handle: (asked) => answer(member(asked)) },
    );

  const command = (
    verb: 'start' | 'stop' | 'restart' | 'reload',
    summary: string,
    perform: (member: ServiceMember) => Promise<void>,
  ) =>
    route(
      {
        method: 'POST',
        path: `/sidecars/{name}/${verb}`,
        operation: `${verb}Sidecar`,
        summary,
        answers: { 200: { description: 'It is done', schema: doneAnswer } },
      },
      {
        ...named,
        handle: async (asked) => {
          const found = member(asked);
          // It would be stopped at once.
          if (verb !== 'stop' && service.isStopping) throw new Problem(409, 'the service is being stopped');
          await perform(found);
          return { done: true };
        },
      },
    );

  return [
    read('status', 'What it is doing', sidecarStatus, ({ sidecar }) => sidecar.status()),
    read('why', 'Why it is as it is', whyAnswer, ({ sidecar }) => ({ why: sidecar.why() })),
    read('health', 'How it is, check by check', healthAnswer, ({ sidecar }) => sidecar.health()),
    read('history', 'The last transitions, oldest first', historyAnswer, ({ sidecar }) => ({
      transitions: sidecar.history().map((each) => ({ ...each, explanation: explainTransition(each) })),
    })),
    route(
      {
        method: 'GET',
        path: '/sidecars/{name}/logs',
        operation: 'logsOfSidecar',
        summary: 'The last lines that it printed, oldest first',
        answers: { 200: { description: 'The lines', schema: logsAnswer } },
      },
      {
        ...named,
        query: logsQuery,
        handle: (asked) => ({ lines: lines.of(member(asked).name, asked.query.lines) }),
      },
    ),
    command('start', 'Starts it; answers once it is running', ({ sidecar }) => sidecar.start()),
    command('stop', 'Stops it; answers once nothing of it is left', ({ sidecar }) => sidecar.stop()),
    command('restart', 'Replaces its process; answers once the new one is running', ({ sidecar }) =>
      sidecar.restart(),
    ),
    command('reload', 'Compiles, and replaces its process if that worked', ({ sidecar }) => sidecar.reload()),
    route(
      {
        method: 'POST',
        path: '/sidecars/{name}/what-if',
        operation: 'whatIfOfSidecar',
        summary: 'What it would do on an event; nothing is done',
        answers: { 200: { description: 'What it would do', schema: whatIfAnswer } },
      },
      { ...named, body: whatIfBody, handle: (asked) => member(asked).sidecar.whatIf(asked.body) },
    ),
    route(
      {
        method: 'POST',
        path: '/sidecars/{name}/send',
        operation: 'sendToSidecar',
        summary: 'Sends a command and does not wait; answers with what it does on it',
        answers: { 202: { description: 'What it does', schema: whatIfAnswer } },
      },
      {
        ...named,
        body: sendBody,
        handle: (asked) => {
          const { sidecar } = member(asked);
          const { type } = asked.body;
          if (type !== 'STOP' && service.isStopping) throw new Problem(409, 'the service is being stopped');
          const answer = sidecar.whatIf({ type });
          // How it ends is told by events, to whoever listens.
          performs[type](sidecar).catch(() => {});
          void asked.reply.status(202);
          return answer;
        },
      },
    ),
  ];
}

const performs = {
  START: (sidecar: ServiceMember['sidecar']) => sidecar.start(),
  STOP: (sidecar: ServiceMember['sidecar']) => sidecar.stop(),
  RESTART: (sidecar: ServiceMember['sidecar']) => sidecar.restart(),
  RELOAD: (sidecar: ServiceMember['sidecar']) => sidecar.reload(),
};
