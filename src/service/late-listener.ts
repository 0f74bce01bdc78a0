import type { RequestListener } from 'node:http';

/**
 * Answers by what is loaded with the first request. Should that fail, as for want of file descriptors, it is tried again
 * with the next one.
 *
 * @param onFault is told why it could not be loaded
 */
export function lateListener(
  load: () => Promise<RequestListener>,
  onFault: (error: unknown) => void,
): RequestListener {
  let loading: Promise<RequestListener> | null = null;
  return (request, response) => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      onFault(error);
      throw error;
    });
    loading.then(
      (listener) => listener(request, response),
      () => response.writeHead(503, { connection: 'close' }).end(),
    );
  };
}
