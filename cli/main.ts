#!/usr/bin/env node
/** The `spdzlab` command. */

import { Command, InvalidArgumentError, Option } from "commander";
import { packageVersion } from "../kernel/package";
import type { DealerCommandOptions } from "./dealer/dealer";
import type { DoctorOptions } from "./doctor";
import { installKernel, type Place, uninstallKernel } from "./install";

/** Adds the options that say where kernelspecs are kept. */
function withPlace(command: Command): Command {
  return command
    .option("--user", "for the current user (the default)")
    .option("--sys-prefix", "into the active virtual or conda environment")
    .option("--prefix <dir>", "into DIR/share/jupyter/kernels")
    .option("--name <name>", "the kernel's name in Jupyter", "spdzlab");
}

const collect = (value: string, earlier: string[]) => [...earlier, value];

function seconds(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= 86_400) return number;
  throw new InvalidArgumentError("It must be a number of seconds.");
}

const program = new Command("spdzlab")
  .description("A Jupyter kernel for TypeScript with secure two-party computation in scope")
  .version(packageVersion());

withPlace(program.command("install").description("make the kernel known to Jupyter"))
  .option("--display-name <name>", "the name that people see", "spdzlab (TypeScript, SPDZ)")
  .option("--env <key=value>", "set an environment variable for the kernel; may be repeated", collect, [])
  .action((options: Place & { name: string; displayName: string; env: string[] }) => {
    const folder = installKernel(options, options.name, options.displayName, options.env);
    console.log(`Installed the kernel "${options.name}" in ${folder}`);
  });

withPlace(program.command("uninstall").description("take the kernel away again")).action(
  (options: Place & { name: string }) => {
    console.log(`Removed ${uninstallKernel(options, options.name)}`);
  },
);

const party = () =>
  new Option("--party <party>", "whose keys: a party's of the computation, or the dealer's")
    .choices(["computing", "dealer"])
    .default("computing");

program
  .command("keygen")
  .description("make this party's keys for an encrypted connection")
  .addOption(party())
  .option("--keys <folder>", "where the dealer's keys lie (the folder `dealer` beside a party's)")
  .option("--force", "replace keys that are there")
  .action(({ force = false, party, keys }: { force?: boolean; party: string; keys?: string }) => {
    const { keygen, keygenDealer } = require("./keys") as typeof import("./keys");
    console.log(party === "dealer" ? keygenDealer(force, keys) : keygen(force));
  });

program
  .command("pair")
  .description("take in the other party's public key, and show a code to compare")
  .argument("[line]", "the line that the other party sent, or a file with it")
  .option("--dealer <line>", "take in the dealer's public key instead")
  .addOption(party())
  .option("--keys <folder>", "where the dealer's keys lie (the folder `dealer` beside a party's)")
  .action((line: string | undefined, options: { dealer?: string; party: string; keys?: string }) => {
    const { pair, pairAtDealer, pairDealer } = require("./keys") as typeof import("./keys");
    const { dealer, party, keys } = options;
    if (party === "dealer") console.log(pairAtDealer(line, keys));
    else console.log(dealer === undefined ? pair(line) : pairDealer(dealer));
  });

program
  .command("dealer")
  .description("deal correlated randomness to pairs of parties that trust this process not to collude")
  .option("--bind <address>", "where to listen (SPDZ_DEALER_BIND, or tcp://127.0.0.1:29501)")
  .option("--keys <folder>", "where the dealer's keys lie (the folder `dealer` beside a party's)")
  .option("--peer-key <line>", "serve this party too; may be repeated", collect, [])
  .option(
    "--insecure-plaintext",
    "without keys, also beyond this machine: everybody on the way reads the seeds",
  )
  .action(async (options: DealerCommandOptions) => {
    const { runDealer } = require("./dealer/dealer") as typeof import("./dealer/dealer");
    await runDealer(options, (text) => console.log(text));
  });

program
  .command("doctor")
  .description("check that everything is there, and say how to mend what is not")
  .option("--name <name>", "the kernel's name in Jupyter", "spdzlab")
  .option("--peer <address>", "check the way to the other party at tcp://HOST:PORT instead")
  .addOption(
    new Option("--bind <address>", "listen at this address for the other party's doctor").conflicts("peer"),
  )
  .option("--timeout <seconds>", "how long the other party may take (10; with --bind 60)", seconds)
  .option("--json", "print one JSON object")
  .action(async (options: DoctorOptions) => {
    const { doctor } = require("./doctor") as typeof import("./doctor");
    // Whatever a library has left open does not keep the process.
    process.exit(await doctor(options, (text) => console.log(text)));
  });

program
  .command("kernel")
  .description("run the kernel; Jupyter calls this")
  .requiredOption("--connection-file <file>", "where Jupyter says which ports to use")
  .action(async ({ connectionFile }: { connectionFile: string }) => {
    const { startKernel } = require("../kernel/start") as typeof import("../kernel/start");
    await startKernel(connectionFile);
  });

program.parseAsync().catch((error: unknown) => {
  console.error(`spdzlab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
