// The model owner's half of the demo, without Jupyter. Run both programs, in any order:
//   node examples/model-owner.js & node examples/data-owner.js
// In your own project, `require("spdzlab")` instead.
const { DistributedInterface, LongTensor } = require("..");

async function main() {
  const iface = new DistributedInterface(0);
  try {
    // The other party's secret, of which this party learns the shape only, and this party's own.
    const data = await iface.input(1);
    const weights = await iface.input(0, [[2], [2]], { requiresGrad: true });

    const output = data.matmul(weights);
    output.backward(new LongTensor([[1]]));

    // Operations run while the program continues; await the values that you reveal.
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
