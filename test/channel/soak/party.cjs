// One party of a soak, in its own process so that an abort is noticed. It multiplies numbers that both parties know,
// checks each product, and reports it to the parent. It runs from dist/, as it does for users.
const { readdirSync } = require("node:fs");
const { join } = require("node:path");
const root = process.env.SPDZLAB_SOAK_ROOT ?? join(__dirname, "../../..");
const { DistributedInterface, LongTensor, SharedVariable } = require(join(root, "dist/lib/index.js"));
const { longTensor } = require(join(root, "dist/lib/tensor/long-tensor.js"));
require(join(root, "dist/lib/session/host/host.js")).setHost({
  cell: () => undefined,
  notify: () => undefined,
});

const { Keys } = require(join(root, "dist/lib/channel/keys/keys.js"));
const { connectZeroMq } = require(join(root, "dist/lib/channel/zeromq/zeromq-channel.js"));

const { party, mode, link, keys, pauseMs } = JSON.parse(process.argv[2]);
const identity = keys && { keys: new Keys(keys.publicKey, keys.secretKey), peerKey: keys.peerKey };
let state = process.argv[3] >>> 0 || 1;
const next = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const descriptors = () => (process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0);
const usage = () => ({ rss: process.memoryUsage.rss(), descriptors: descriptors() });
const sample = setInterval(() => process.send(usage()), 100);

/** Take a tensor's words for this party's share of a secret. */
const ownShare = ({ vector, shape }) => longTensor(vector, shape, 0, { isShare: true });

async function main() {
  const iface = new DistributedInterface(party, {
    ...mode,
    channel: (settings) => connectZeroMq(party, { ...link, settings, identity }),
  });
  await iface.settled();
  process.send({ connected: true });
  for (let round = 1; ; round++) {
    const [a, b, mask] = [next(1e6), next(1e6), next(1e9)];
    const share = (value) => ownShare(new LongTensor([BigInt(party === 0 ? value - mask : mask)]));
    const [x, y] = [share(a), share(b)].map((own) => new SharedVariable(own, iface));
    // Occasionally send a large message, so that damage hits long packets too.
    const size = next(40) === 0 ? 3000 : 1;
    const many = size > 1 && new SharedVariable(ownShare(LongTensor.zeros(size)), iface);
    const products = await Promise.all([x.mul(y).reveal(), ...(many ? [many.mul(many).reveal()] : [])]);
    const got = [...products[0].toTypedArray()][0];
    const zero = !many || [...products[1].toTypedArray()].every((value) => Number(value) === 0);
    if (Number(got) !== a * b || !zero) process.send({ wrong: `${a}*${b} = ${got}` });
    process.send({ round });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

process.on("disconnect", () => process.exit(0));
main().catch((error) => {
  clearInterval(sample);
  process.send({ failed: error.code ?? error.name, message: String(error.message).slice(0, 300) }, () =>
    process.exit(0),
  );
});
