#!/usr/bin/env node
/** The `spdzlab` command. */

import { Command } from "commander";
import { installKernel, type Place, uninstallKernel } from "./install";
import { packageVersion } from "./package";

/** Adds the options that say where kernelspecs are kept. */
function withPlace(command: Command): Command {
  return command
    .option("--user", "for the current user (the default)")
    .option("--sys-prefix", "into the active virtual or conda environment")
    .option("--prefix <dir>", "into DIR/share/jupyter/kernels")
    .option("--name <name>", "the kernel's name in Jupyter", "spdzlab");
}

const collect = (value: string, earlier: string[]) => [...earlier, value];

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

program
  .command("kernel")
  .description("run the kernel; Jupyter calls this")
  .requiredOption("--connection-file <file>", "where Jupyter says which ports to use")
  .action(async ({ connectionFile }: { connectionFile: string }) => {
    const { startKernel } = require("./start") as typeof import("./start");
    await startKernel(connectionFile);
  });

program.parseAsync().catch((error: unknown) => {
  console.error(`spdzlab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
