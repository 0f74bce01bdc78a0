// Preloaded into a host: as if koffi were not installed. The error is the one that Node.js itself gives.
import { register } from 'node:module';

const hooks = `export function resolve(specifier, context, next) {
  return next(specifier === 'koffi' ? 'koffi-is-not-installed-here' : specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
