// A party in a process of its own: for each line that it reads it multiplies and prints what it revealed.
const { createInterface } = require("node:readline");
const {
  DistributedInterface,
  FloatTensor,
  LongTensor,
  SharedVariable,
  Variable,
  ...spdz
} = require("../../dist/lib");
const { longTensor } = require("../../dist/lib/tensor/long-tensor");

const { party, options } = JSON.parse(process.argv[2]);

/** Take a tensor's words for this party's share of a secret. */
const ownShare = ({ vector, shape }) => longTensor(vector, shape, 0, { isShare: true });

const tasks = {
  /** The 2018 demo: gradient 6, 6 and output 12. */
  async demo(iface) {
    const give = (values) => {
      const [own, other] = spdz.share(spdz.encode(new FloatTensor(values)));
      spdz.swapShares(other, iface);
      return own;
    };
    const take = (...shape) => spdz.swapShares(LongTensor.zeros(...shape), iface);
    const data = new SharedVariable(new Variable(party === 0 ? take(1, 2) : give([[3, 3]])), iface);
    const share = party === 0 ? give([[2], [2]]) : take(2, 1);
    const weights = new SharedVariable(new Variable(share, { requiresGrad: true }), iface);
    const output = data.matmul(weights);
    output.backward(new LongTensor([[1]]));
    return [await weights.grad.reveal(), await output.reveal()].map((x) => x.toArray().flat());
  },
  /** Many products of numbers that only the two parties know together. */
  async multiply(iface, count, value) {
    const x = new SharedVariable(ownShare(LongTensor.full([count], value)), iface);
    const products = (await x.mul(x).reveal()).toArray();
    return [...new Set(products.map(String))];
  },
};

async function main() {
  const iface = new DistributedInterface(party, options);
  try {
    await iface.settled();
    console.log("ready");
    for await (const line of createInterface({ input: process.stdin })) {
      const [task, ...given] = line.split(" ");
      if (task === "end") break;
      console.log(JSON.stringify(await tasks[task](iface, ...given.map(Number))));
    }
  } finally {
    await iface.close();
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.log(`failed ${error.code}: ${error.message}`);
    process.exit(1);
  },
);
