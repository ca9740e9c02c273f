#!/usr/bin/env node
/** The `spdzlab` command. */

import { Command, InvalidArgumentError, Option } from "commander";
import { packageVersion } from "../kernel/package";
import type { DealerCommandOptions } from "./dealer/dealer";
import type { DoctorOptions } from "./doctor";
import type { WorkerCommandOptions } from "./factory/worker";
import { installKernel, type Place, uninstallKernel } from "./install";

/** Add the options for the folder of the kernelspec. */
function withPlace(command: Command): Command {
  return command
    .option("--user", "for the current user (the default)")
    .option("--sys-prefix", "into the active virtual or conda environment")
    .option("--prefix <dir>", "into DIR/share/jupyter/kernels")
    .option("--name <name>", "the kernel's name in Jupyter", "spdzlab");
}

interface PairCommandOptions {
  readonly dealer?: string;
  readonly workers?: string;
  readonly party: string;
  readonly keys?: string;
}

const collect = (value: string, earlier: string[]) => [...earlier, value];

function seconds(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= 86_400) return number;
  throw new InvalidArgumentError("It must be a number of seconds, more than 0 and at most 86400.");
}

const program = new Command("spdzlab")
  .description("A Jupyter kernel for TypeScript with secure two-party computation in scope")
  .version(packageVersion());

withPlace(program.command("install").description("install the kernel in Jupyter"))
  .option("--display-name <name>", "the displayed name of the kernel", "spdzlab (TypeScript, SPDZ)")
  .option("--env <key=value>", "set an environment variable for the kernel; may be repeated", collect, [])
  .action((options: Place & { name: string; displayName: string; env: string[] }) => {
    const folder = installKernel(options, options.name, options.displayName, options.env);
    console.log(`Installed the kernel "${options.name}" in ${folder}`);
  });

withPlace(program.command("uninstall").description("remove the kernel from Jupyter")).action(
  (options: Place & { name: string }) => {
    console.log(`Removed ${uninstallKernel(options, options.name)}`);
  },
);

const party = () =>
  new Option(
    "--party <party>",
    "whose keys: a party's of the computation, the dealer's, or those of a party's workers",
  )
    .choices(["computing", "dealer", "workers"])
    .default("computing");

program
  .command("keygen")
  .description("create this party's keys for an encrypted connection")
  .addOption(party())
  .option(
    "--keys <folder>",
    "the folder of the dealer's or the workers' keys (`dealer` or `workers` beside a party's)",
  )
  .option("--force", "replace existing keys")
  .action(({ force = false, party, keys }: { force?: boolean; party: string; keys?: string }) => {
    const { keygen, keygenDealer, keygenWorkers } = require("./keys") as typeof import("./keys");
    if (party === "dealer") console.log(keygenDealer(force, keys));
    else console.log(party === "workers" ? keygenWorkers(force, keys) : keygen(force));
  });

program
  .command("pair")
  .description("save the other party's public key, and show a code to compare")
  .argument("[line]", "the line that the other party sent, or a file with it")
  .option("--dealer <line>", "save the dealer's public key instead")
  .option("--workers <line>", "save the public key of this organisation's workers instead")
  .addOption(party())
  .option(
    "--keys <folder>",
    "the folder of the dealer's or the workers' keys (`dealer` or `workers` beside a party's)",
  )
  .action((line: string | undefined, options: PairCommandOptions) => {
    const { pair, pairAtDealer, pairAtWorkers, pairDealer, pairWorkers } =
      require("./keys") as typeof import("./keys");
    const { dealer, workers, party, keys } = options;
    if (party === "dealer") console.log(pairAtDealer(line, keys));
    else if (party === "workers") console.log(pairAtWorkers(line, keys));
    else if (workers !== undefined) console.log(pairWorkers(workers));
    else console.log(dealer === undefined ? pair(line) : pairDealer(dealer));
  });

program
  .command("worker")
  .description(
    "make correlated randomness for this organisation's notebook, together with the other one's workers",
  )
  .option("--nats <address>", "this organisation's NATS server (SPDZ_NATS, or nats://127.0.0.1:4222)")
  .option("--keys <folder>", "the folder of the workers' keys (the folder `workers` beside a party's)")
  .option("--bind <host>", "the interface to listen at for the other worker, at party 0 (127.0.0.1)")
  .option(
    "--advertise <host>",
    "the name under which the other organisation reaches it (SPDZ_ADVERTISE, or --bind)",
  )
  .option("--ports <range>", "the ports to listen at (29600-29699)")
  .option("--metrics <port>", "serve metrics for Prometheus at this port of --metrics-host", Number)
  .option("--metrics-host <host>", "the interface of --metrics (127.0.0.1)")
  .action(async (options: WorkerCommandOptions) => {
    const { runWorker } = require("./factory/worker") as typeof import("./factory/worker");
    await runWorker(options, (text) => console.log(text));
    process.exit();
  });

program
  .command("factory")
  .description("look at this organisation's workers and their jobs")
  .command("status")
  .description("show workers, their figures, and the queue")
  .option("--nats <address>", "this organisation's NATS server (SPDZ_NATS, or nats://127.0.0.1:4222)")
  .option("--json", "print one JSON object")
  .action(async (options: { nats?: string; json?: boolean }) => {
    const { factoryStatus } = require("./factory/status") as typeof import("./factory/status");
    console.log(await factoryStatus(options));
    process.exit();
  });

program
  .command("dealer")
  .description("deal correlated randomness to pairs of parties that trust this process not to collude")
  .option("--bind <address>", "the address to listen at (SPDZ_DEALER_BIND, or tcp://127.0.0.1:29501)")
  .option("--keys <folder>", "the folder of the dealer's keys (the folder `dealer` beside a party's)")
  .option("--peer-key <line>", "serve this party too; may be repeated", collect, [])
  .option(
    "--insecure-plaintext",
    "listen without keys beyond this machine: anyone on the network path can read the seeds",
  )
  .action(async (options: DealerCommandOptions) => {
    const { runDealer } = require("./dealer/dealer") as typeof import("./dealer/dealer");
    await runDealer(options, (text) => console.log(text));
  });

program
  .command("doctor")
  .description("check the installation, and show how to fix what is wrong")
  .option("--name <name>", "the kernel's name in Jupyter", "spdzlab")
  .option("--peer <address>", "check the way to the other party at tcp://HOST:PORT instead")
  .addOption(
    new Option("--bind <address>", "listen at this address for the other party's doctor").conflicts("peer"),
  )
  .option("--timeout <seconds>", "how long the other party may take (10; with --bind 60)", seconds)
  .option("--json", "print one JSON object")
  .action(async (options: DoctorOptions) => {
    const { doctor } = require("./doctor") as typeof import("./doctor");
    // Exit even if a library has left something open.
    process.exit(await doctor(options, (text) => console.log(text)));
  });

program
  .command("kernel")
  .description("run the kernel; Jupyter calls this")
  .requiredOption("--connection-file <file>", "Jupyter's file with the ports to use")
  .action(async ({ connectionFile }: { connectionFile: string }) => {
    const { startKernel } = require("../kernel/start") as typeof import("../kernel/start");
    await startKernel(connectionFile);
  });

program.parseAsync().catch((error: unknown) => {
  console.error(`spdzlab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
