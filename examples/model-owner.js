// The model owner's half of the demo without Jupyter. Run it beside data-owner.js, in any order:
//   node examples/model-owner.js & node examples/data-owner.js
// In a project of your own, `require("spdzlab")`.
const { DistributedInterface, FloatTensor, LongTensor, SharedVariable, Variable, ...spdz } = require("..");

async function main() {
  const iface = new DistributedInterface(0);
  try {
    const data = new SharedVariable(new Variable(spdz.swapShares(LongTensor.zeros(1, 2), iface)), iface);

    const [weightsSelf, weightsOther] = spdz.share(spdz.encode(new FloatTensor([[2], [2]])));
    spdz.swapShares(weightsOther, iface);
    const weights = new SharedVariable(new Variable(weightsSelf, { requiresGrad: true }), iface);

    const output = data.matmul(weights);
    output.backward(new LongTensor([[1]]));

    // Operations run while the program goes on; what is opened is awaited.
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
