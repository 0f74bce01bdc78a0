import type { ResolvedSidecarConfig } from './schema.js';

const validated = new WeakSet<object>();

/** Whether it came out of a validation. As nobody can have changed it since, it need not be validated, or copied, again. */
export function isValidated(config: unknown): config is ResolvedSidecarConfig {
  return typeof config === 'object' && config !== null && validated.has(config);
}

/** Marks what a validation led to, and freezes it. */
export function sealValidated(config: ResolvedSidecarConfig): ResolvedSidecarConfig {
  freeze(config);
  validated.add(config);
  return config;
}

/** Sections and lists; what a user gave, such as a function or a pattern, is left alone. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}
