/**
 * Measure functions on secrets between two processes over loopback, items made too, beside CrypTen and SPU on the same work
 * in the same run, each with its largest error. CrypTen's and SPU semi2k's first party knows all randomness; our dealer is a
 * process of its own.
 */

import { measureParties, type Row, serveParty } from "./harness";
import { startDealer } from "./reference/dealer";
import { makePeers } from "./reference/peers/environment";
import { Peer } from "./reference/peers/peer";
import { amountIn, type Figure, MODES, type Mode, runWork } from "./works/run";
import { WORKS } from "./works/works";

const RUNS = Number(process.env.SPDZLAB_BENCH_REPEATS ?? 3);

/** The most seconds that a work may take: without a dealer, and with one. */
const LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  sigmoid: [1, 0.055],
  exp: [0.3, 0.02],
  reciprocal: [1.2, 0.055],
  sqrt: [1.2, 0.055],
};
const NAMES = [...Object.keys(LIMITS), "softmax", "std"];

export default async function functions(): Promise<Row[]> {
  await makePeers();
  const { address, child } = await startDealer();
  const rows: Row[] = [];
  const row = (name: string, value: number, unit: string, more: Partial<Row> = {}) =>
    rows.push({ name, value, unit, reference: "", referenceValue: null, ratio: null, floor: null, ...more });
  for (const mode of MODES) {
    const peers = peersOf(mode);
    for (const name of NAMES) {
      const work = WORKS[name]!;
      const amount = amountIn(mode, work);
      const of = await measureParties<Figure>(__filename, `${mode} ${name} ${RUNS} ${address}`, 1);
      const limit = LIMITS[name]?.[mode === "semi-honest" ? 0 : 1];
      const floor = mode === "malicious" || limit === undefined ? null : work.amount / limit;
      row(`${mode}: ${work.title}`, amount / of.seconds, work.unit, { floor });
      row(`${mode}: ${work.title}: largest error`, of.error * 2 ** 16, "units of 2^-16");
      row(`${mode}: ${work.title}: bytes of a party`, of.bytes / amount, "B");
      for (const peer of peers) {
        const theirs = LIMITS[name] && (await peer.measure(name, RUNS));
        if (!theirs) continue;
        row(`${mode}: ${work.title}, beside ${peer.system}`, amount / of.seconds, work.unit, {
          reference: peer.system,
          referenceValue: work.amount / theirs.seconds,
          ratio: theirs.seconds / of.seconds,
        });
        row(`${peer.system}: ${work.title}: largest error`, theirs.error * 2 ** 16, "units of 2^-16");
      }
    }
    for (const peer of peers) peer.close();
  }
  child.kill();
  return rows;
}

function peersOf(mode: Mode): Peer[] {
  if (mode === "semi-honest") return [new Peer("spu_cheetah")];
  return mode === "dealer" ? [new Peer("spu_semi2k"), new Peer("crypten_tfp")] : [];
}

serveParty(runWork);
