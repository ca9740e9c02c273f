// The data owner's half of the demo without Jupyter. Run it beside model-owner.js, in any order:
//   node examples/model-owner.js & node examples/data-owner.js
// In a project of your own, `require("spdzlab")`.
const { DistributedInterface, FloatTensor, LongTensor, SharedVariable, Variable, ...spdz } = require("..");

async function main() {
  const iface = new DistributedInterface(1);
  try {
    const [dataSelf, dataOther] = spdz.share(spdz.encode(new FloatTensor([[3, 3]])));
    spdz.swapShares(dataOther, iface);
    const data = new SharedVariable(new Variable(dataSelf), iface);

    const rawWeights = spdz.swapShares(LongTensor.zeros(2, 1), iface);
    const weights = new SharedVariable(new Variable(rawWeights, { requiresGrad: true }), iface);

    const output = data.matmul(weights);
    output.backward(new LongTensor([[1]]));

    console.log(`gradient\n${await weights.grad.reveal()}`);
    console.log(`output\n${await output.reveal()}`);
  } finally {
    await iface.close();
  }
}

main().catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
