import { type GroupProtocol, type PhaseName, PHASES, phases, type Rebalance } from "../trace/readings/rebalances.ts";
import { words } from "../trace/text.ts";
import { aligned, room, wrapped, type Cell } from "./columns.ts";
import { amount, counted, length, moment } from "./humane.ts";
import type { Paint } from "./paint.ts";
import { stackedBar } from "./sparkline.ts";
import { LEAVES, waitedFor } from "./waited-for.ts";

/** The phases in order, and how the bar shows each; no rebalance has both `sync` and `reconciliation`. */
const GLYPHS: Readonly<Record<PhaseName, string>> = {
  detection: "·",
  joining: "░",
  assignment: "▒",
  sync: "▓",
  reconciliation: "▓",
  resumption: "█",
};

const BAR = 12;

/** The costliest rebalances, one a line, in order of time; `more` were left out. */
export function rebalanceList(
  costliest: readonly Rebalance[],
  more: number,
  { faint, strong }: Paint,
  width: number,
): string[] {
  const rows = costliest
    .toSorted((a, b) => a.from - b.from || a.ordinal - b.ordinal)
    .map((rebalance): Cell[] => [
      { text: moment(rebalance.from) },
      { text: why(rebalance) },
      { text: lasted(rebalance) },
      { text: bar(rebalance) },
      { text: waitedFor(rebalance) },
      { text: `${amount(rebalance.partitionSecondsUnread)} p·s`, paint: strong },
    ]);
  const head = ["when", "why", "lasted", "phases", "waited for", "unread"].map((text) => ({ text, paint: faint }));
  const most = Math.max(LEAST, room([head, ...rows], WHY, width));
  const lines = aligned(
    [head, ...rows.flatMap((row) => folded(row, most))],
    [
      { align: "right" },
      { align: "left" },
      { align: "right" },
      { align: "left" },
      { align: "left" },
      { align: "right" },
    ],
  );
  const shown = new Set(costliest.flatMap(({ protocol }) => PHASES[protocol]));
  const legend = Object.entries(GLYPHS)
    .filter(([phase]) => shown.has(phase as PhaseName))
    .map(([phase, glyph]) => `${glyph} ${phase}`);
  lines.push(...wrapped([...legend, "p·s: partitions × seconds without a reader"], width, 0).map(faint));
  if (more > 0) lines.push(faint(`and ${counted(more, "more rebalance")}, each of which left no more unread`));
  return lines;
}

/** The column of the cause, and how narrow it may get. */
const WHY = 1;
const LEAST = 24;

/** A row whose cause goes on beneath, if it is longer than there is room for. */
function folded(row: readonly Cell[], most: number): Cell[][] {
  const [first, ...more] = wrapped(row[WHY].text.split(" "), most, 2, 1);
  return [row.with(WHY, { text: first }), ...more.map((text) => [{ text: "" }, { text }])];
}

/** Who finds out that topics have changed: a client that looks, or a coordinator that is asked something anyway. */
const LEARNED: Readonly<Record<GroupProtocol, (who: string) => string>> = {
  classic: (who) => `${who} learned of it`,
  consumer: (who) => `at the heartbeat of ${who},`,
  zookeeper: (who) => `${who} learned of it`,
};

/** What began it, in words. */
export function why({ protocol, cause, client, others, from, reason, attempts, outcome }: Rebalance): string {
  const several = others.length > 0;
  const who = (cause.client ?? client ?? "somebody") + (several ? ` and ${others.length} more` : "");
  const was = several ? "were" : "was";
  const since = length(from - cause.at);
  const silent = cause.silentFor === undefined ? `${since} before` : `silent ${length(cause.silentFor)}`;
  const told = (() => {
    switch (cause.kind) {
      case "start":
        return "the first members came";
      case "join":
        return `${who} joined`;
      case "leave":
        return `${who} left`;
      case "crash":
        return `${who} crashed (${silent})`;
      case "roll":
        return `${who} ${LEAVES.has(reason) ? "left" : "joined"} (rolling restart)`;
      case "slow-batch":
        if (cause.decision) return `${who} ${was} stuck in a batch (${since})`;
        return `${who} exceeded ${several ? "their poll intervals" : "its poll interval"}`;
      case "slow-commit":
        return `${who} waited for a commit (${since})`;
      case "rejoin":
        return `${who} came back, expelled before`;
      case "failover":
        return "the coordinator moved";
      case "silence":
        if (!cause.decision) return `${who} ${was} not heard of`;
        return `${who} ${was} ${cause.decision.what === "freeze" ? "stopped" : "cut off"} (${silent})`;
      case "topics":
        return `${cause.decision?.text ?? "topics changed"} (${LEARNED[protocol](who)} ${since} later)`;
      case "group":
        return client ? `${words(reason)} by ${client}` : words(reason);
    }
  })();
  // With the consumer protocol none of them fails: members go on to the next target.
  const again = attempts.length > 1 ? `, ${attempts.length} ${protocol === "consumer" ? "targets" : "attempts"}` : "";
  return told + again + (ENDED[outcome] ?? "");
}

const ENDED: Readonly<Partial<Record<Rebalance["outcome"], string>>> = {
  unfinished: ", unfinished",
  empty: ", nobody left",
  gone: ", its coordinator went away",
};

function lasted({ from, to, resumed }: Rebalance): string {
  return length((resumed ?? to) - from);
}

function bar(rebalance: Rebalance): string {
  const lengths = phases(rebalance);
  const parts = PHASES[rebalance.protocol].map((phase) => ({ size: lengths[phase] ?? 0, glyph: GLYPHS[phase] }));
  return stackedBar(parts, BAR);
}
