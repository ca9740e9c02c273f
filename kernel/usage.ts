/** What the kernel uses of its machine, for jupyter-resource-usage. */

import { availableParallelism, cpus, freemem, hostname, totalmem } from "node:os";
import type { Content } from "./wire/message";

/** Measures since the last request, in the fields of ipykernel's usage_reply. */
export class Usage {
  #own = process.cpuUsage();
  #at = performance.now();
  #host = ticks();

  /** The content of a usage_reply. Percentages are of one processor for the kernel, and of all for the host. */
  reply(): Content {
    const { user, system } = process.cpuUsage(this.#own);
    const [now, host] = [performance.now(), ticks()];
    const spent = Math.max(1, now - this.#at);
    const [busy, all] = [host.busy - this.#host.busy, host.all - this.#host.all];
    this.#own = process.cpuUsage();
    this.#at = now;
    this.#host = host;
    const [total, available] = [totalmem(), freemem()];
    return {
      hostname: hostname(),
      pid: process.pid,
      kernel_cpu: rounded((100 * (user + system)) / 1000 / spent),
      kernel_memory: process.memoryUsage.rss(),
      cpu_count: availableParallelism(),
      ...(all > 0 && { host_cpu_percent: rounded((100 * busy) / all) }),
      host_virtual_memory: {
        total,
        available,
        percent: rounded((100 * (total - available)) / total),
        used: total - available,
        free: available,
      },
    };
  }
}

/** The processors' time since the start of the machine, in milliseconds. */
function ticks(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.irq;
    busy += sum;
    all += sum + times.idle;
  }
  return { busy, all };
}

function rounded(percent: number): number {
  return Math.round(percent * 10) / 10;
}
