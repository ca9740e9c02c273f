// The data owner's half of the demo, without Jupyter. Run both programs, in any order:
//   node examples/model-owner.js & node examples/data-owner.js
// In your own project, `require("spdzlab")` instead.
const { DistributedInterface, LongTensor } = require("..");

async function main() {
  const iface = new DistributedInterface(1);
  try {
    // This party's own secret, and the other party's: of that, this party learns the shape only.
    const data = await iface.input(1, [[3, 3]]);
    const weights = await iface.input(0);

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
