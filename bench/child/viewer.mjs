// Looks on: reads all that the inspector at this address tells, and says how many messages that was.
import { WebSocket } from 'ws';

const socket = new WebSocket(process.argv[2]);
let messages = 0;
let bytes = 0;
socket.on('message', (data) => {
  messages += 1;
  bytes += data.length;
  if (messages === 1) console.log('looking on');
});
socket.on('close', () => console.log(`was told ${messages} messages, ${bytes} bytes`));
