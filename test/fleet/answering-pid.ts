import * as z from 'zod';

const answer = z.object({ pid: z.number() });

/** Which process the server of test/fixtures/server.mjs answers as. */
export async function answeringPid(response: Response): Promise<number> {
  return answer.parse(await response.json()).pid;
}
