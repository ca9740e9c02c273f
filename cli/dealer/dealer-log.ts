import { publicLine } from "../../lib/channel/keys/keys";
import type { DealerEvent } from "../../lib/preprocessing/dealer/desk/desk";
import type { Pair } from "../../lib/preprocessing/dealer/desk/pairs";
import { Rate } from "../../lib/preprocessing/dealer/desk/rate";
import { definitionOf } from "../../lib/preprocessing/kinds/kinds";

/** How many lines to print in a second, and in a burst. */
const LINES = [2, 60] as const;

/** Print one line for each event: for strangers, who may be many, one a second at most, for all others as LINES says. */
export function logTo(print: (text: string) => void): (event: DealerEvent) => void {
  const rate = new Rate(...LINES);
  const strangersRate = new Rate(1, 1);
  let strangers = 0;
  let left = 0;
  return (event) => {
    if (event.type === "stranger") {
      strangers++;
      if (strangersRate.take())
        print(`refused: a connection without a key that is served (${strangers} so far)`);
      return;
    }
    if (!rate.take()) {
      left++;
      return;
    }
    if (left > 0) print(`(${left} lines left out: too many at once)`);
    left = 0;
    print(lineOf(event));
  };
}

function lineOf(event: Exclude<DealerEvent, { type: "stranger" }>): string {
  switch (event.type) {
    case "waiting":
      return `pair ${event.pair.name}: party ${event.member.party} is here, party ${1 - event.member.party} not yet`;
    case "paired":
      return `pair ${event.pair.name}: ${event.pair.met ? "both are back" : `joined, ${describe(event.pair)}`}`;
    case "party left":
      return `pair ${event.pair.name}: party ${event.member.party} left`;
    case "both left":
      return `pair ${event.pair.name}: both left, dealt ${dealt(event.pair)}`;
    case "refused":
      return `refused: ${event.why}`;
  }
}

function describe({ authenticated, members }: Pair): string {
  const keys = members.flatMap((member) => (member?.key ? [publicLine(member.key)] : []));
  const who = keys.length > 0 ? keys.join(" and ") : "without keys";
  return `${authenticated ? "malicious" : "semi-honest"}: ${who}`;
}

function dealt({ dealt }: Pair): string {
  const counts = [...dealt].map(
    ([kind, count]) => `${count.toLocaleString("en")} ${definitionOf(kind).plural}`,
  );
  return counts.join(", ") || "nothing";
}
