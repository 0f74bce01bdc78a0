declare module 'virtual:sidecar-layouts' {
  import type { ElkNode } from 'elkjs/lib/elk-api.js';

  const layouts: {
    /** As JSON. */
    readonly chart: string;
    readonly compact: ElkNode;
    readonly complete: ElkNode;
  };
  export default layouts;
}
