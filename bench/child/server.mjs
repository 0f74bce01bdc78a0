// The child of the benchmarks: listens, says when, and answers /health. Nothing else.
import { createServer } from 'node:http';

createServer((_request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening ${(performance.timeOrigin + performance.now()).toFixed(3)}`);
});
