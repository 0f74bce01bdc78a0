import { createRequire } from 'node:module';
import type * as Inspect from '../../visualizations/inspector/node_modules/@xstate/inspect/lib/index.js';
import type * as XState4 from '../../visualizations/inspector/node_modules/xstate/lib/index.js';

const require = createRequire(new URL('../../visualizations/inspector/package.json', import.meta.url));

/** XState 4 and its inspector, as the page has them: beside the XState 5 of the core. */
export const xstate4: typeof XState4 = require('xstate');
export const inspect4: typeof Inspect = require('@xstate/inspect');
