// npm run setup:nats: bring a nats-server for the tests and the benchmark of the factory into .setup/nats.
import { bringNats, findNats, withoutNats } from "./setup/nats.mjs";
import { main } from "./setup/problem.mjs";

await main(async () => {
  const found = findNats() ?? (await bringNats());
  process.stderr.write(found ? `The NATS server for the tests: ${found}\n` : withoutNats());
  if (!found) process.exitCode = 1;
});
