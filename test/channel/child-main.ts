/** A party in its own process. It answers each frame with the payload's length and reports through stdout. */
import { Keys } from "../../lib/channel/keys/keys";
import { connectZeroMq } from "../../lib/channel/zeromq/zeromq-channel";

/** A frame of this operation keeps the thread busy for four seconds. */
const BUSY = 999;

const [party, address, silenceMs, secretKey, publicKey, peerKey] = process.argv.slice(2);
const channel = connectZeroMq(Number(party) as 0 | 1, {
  bind: address!,
  peer: address!,
  silenceMs: Number(silenceMs),
  resumeMs: 5000,
  identity: secretKey ? { keys: new Keys(publicKey!, secretKey), peerKey: peerKey! } : undefined,
});
let most = 0;
const sample = setInterval(() => {
  most = Math.max(most, process.memoryUsage().rss);
}, 20);
channel.listen({
  frame: (frame) => {
    if (frame.operation === BUSY) for (const end = Date.now() + 4000; Date.now() < end; );
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
