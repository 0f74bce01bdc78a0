import type { HostMessage } from '../../../../src/inspect/messages.js';

/** What the receiver lets through as it came; it parses the others. */
export type Passed = Exclude<HostMessage, { type: 'service.register' | 'service.state' | 'service.event' }>;

const passed: Readonly<Record<Passed['type'], true>> = {
  'service.hello': true,
  'service.stop': true,
  'service.status': true,
  'service.transition': true,
  'service.sample': true,
  'service.health': true,
  'service.output': true,
  'service.recent': true,
  'service.what-if': true,
  'service.refused': true,
};

/** Whether it is a message that this page knows. The host has held it to its schema; here only its kind is asked for. */
export function isPassed(message: { readonly type: string }): message is Passed {
  return message.type in passed;
}
