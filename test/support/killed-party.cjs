// One life of one party, until somebody kills it: takes what was left and what is made, writes down a fingerprint of
// each item before it uses it, and uses it by opening it to the other party, which sees that products are right.

const { createHash } = require("node:crypto");
const { openSync, writeSync } = require("node:fs");
const net = require("node:net");
const lib = (name) => require(`../../dist/lib/preprocessing/${name}`);

const { party, port, store, secret, log, mode } = JSON.parse(process.argv[2]);

const producers = {
  dealt: () => new (lib("dealer/party/insecure-first-party-dealer").InsecureFirstPartyDealer)(),
  transferred: () =>
    new (lib("producers/local-producer").LocalProducer)(lib("producers/productions").PRODUCTIONS.malicious),
};

/** The connection, with two links in it. */
class Line {
  arrived = [[], []];
  waiting = [];
  bytes = Buffer.alloc(0);

  constructor(socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      while (this.bytes.length >= 5 && this.bytes.length >= 5 + this.bytes.readUInt32LE(1)) {
        const length = this.bytes.readUInt32LE(1);
        const lane = this.bytes[0];
        const payload = Uint8Array.from(this.bytes.subarray(5, 5 + length));
        this.bytes = this.bytes.subarray(5 + length);
        if (this.waiting[lane]) this.waiting[lane](payload);
        else this.arrived[lane].push(payload);
      }
    });
  }

  link(lane) {
    const link = {
      party,
      send: (payload) => {
        const head = Buffer.alloc(5);
        head[0] = lane;
        head.writeUInt32LE(payload.length, 1);
        this.socket.write(Buffer.concat([head, payload]));
      },
      receive: async (length) => {
        const payload =
          this.arrived[lane].shift() ??
          (await new Promise((resolve) => {
            this.waiting[lane] = (bytes) => {
              this.waiting[lane] = undefined;
              resolve(bytes);
            };
          }));
        if (payload.length !== length) throw new Error(`${payload.length} bytes in place of ${length}`);
        return payload;
      },
      exchange: (payload) => {
        const { length } = payload;
        link.send(payload);
        return link.receive(length);
      },
    };
    return link;
  }
}

function connect() {
  return new Promise((resolve) => {
    if (party === 0) net.createServer(resolve).listen(port, "127.0.0.1");
    else {
      const socket = net.connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(socket));
      socket.once("error", () => setTimeout(() => connect().then(resolve), 10));
    }
  });
}

const word = (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true);

async function use(reservation, link, count, file) {
  const fields = await reservation.take("triple", count);
  const unit = fields[0].values.length / count;
  for (let i = 0; i < count; i++) {
    const hash = createHash("sha256");
    for (const { values } of fields) hash.update(values.subarray(i * unit, (i + 1) * unit));
    writeSync(file, `${hash.digest("hex").slice(0, 24)}\n`);
  }
  reservation.discard();
  const mine = Buffer.concat(fields.map(({ values }) => values));
  const theirs = await link.exchange(Uint8Array.from(mine));
  const opened = (field, i) => {
    const at = (field * count + i) * unit;
    return BigInt.asUintN(64, word(mine, at) + word(theirs, at));
  };
  for (let i = 0; i < count; i++)
    if (BigInt.asUintN(64, opened(0, i) * opened(1, i)) !== opened(2, i)) writeSync(file, "WRONG\n");
}

async function live() {
  const file = openSync(log, "a");
  const line = new Line(await connect());
  const producer = producers[mode]();
  const pool = new (lib("pool/pool").Pool)(producer);
  const settings = "of the test";
  const options = { path: store, secret: { from: "curve", secretKey: secret }, party, settings };
  const keeper = new (lib("store/file-keeper").FileKeeper)(options, producer.layout);
  pool.keepIn(keeper);
  line.socket.on("error", () => undefined);
  line.socket.on("close", () => {
    pool.destroy(new Error("the other party is gone"));
    keeper.closed.then(() => process.exit(0));
  });
  await pool.setUp(line.link(0));
  const left = pool.levels().find(({ kind }) => kind === "triple")?.ready ?? 0;
  writeSync(1, `${left}\n`);
  const [few, many] = mode === "dealt" ? [7, 150] : [3, 64];
  for (let round = 0; ; round++) {
    // Sometimes there is more than is used, sometimes less.
    if (round % 8 === 0) pool.prefetch({ triple: many });
    await use(pool.reserve({ triple: few + (round % 5) }), line.link(1), few + (round % 5), file);
    writeSync(1, "used\n");
    // Items that take longer to make are used more slowly.
    if (mode === "transferred") await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

live().catch(async (error) => {
  if (/^(the other party is gone|over|the store is closed)/.test(error.message)) return;
  writeSync(2, `party ${party}: ${error.stack}\n`);
  process.exit(1);
});
