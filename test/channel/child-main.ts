/** A party in a process of its own: answers each frame with the payload's length, reports through stdout. */
import { connectZeroMq } from "../../lib/channel/zeromq-channel";

const [party, address, silenceMs] = process.argv.slice(2);
const channel = connectZeroMq(Number(party) as 0 | 1, {
  bind: address!,
  peer: address!,
  silenceMs: Number(silenceMs),
  resumeMs: 5000,
});
let most = 0;
const sample = setInterval(() => {
  most = Math.max(most, process.memoryUsage().rss);
}, 20);
channel.listen({
  frame: (frame) => {
    most = Math.max(most, process.memoryUsage().rss);
    const reply = new Float64Array([
      frame.payload.length,
      frame.payload[frame.payload.length - 1] ?? 0,
      most,
    ]);
    channel.send({ ...frame, payload: new Uint8Array(reply.buffer) });
  },
  closed: (error) => {
    clearInterval(sample);
    process.stdout.write(`closed ${error?.code}\n`);
  },
});
void channel.connected.then(() => process.stdout.write("connected\n"));
