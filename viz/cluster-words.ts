/** Brokers, links and leaders in words for people. */
import type { ControllerSpan } from "../sim/trace/readings/brokers.ts";
import type { LinkTrouble } from "../sim/trace/readings/links.ts";
import { party } from "../sim/trace/text.ts";
import { valueAt } from "./load/lanes.ts";
import { ACTIVE, LOADING, reachOf, type ClusterPicture, type GroupPicture } from "./load/picture.ts";

/** What the states of a broker mean: in a bar, and in a sentence. */
const BROKER_WORDS: Readonly<Record<string, readonly [short: string, long: string]>> = {
  Running: ["", "running"],
  CatchingUp: ["catching up", "running, its copies are not complete yet"],
  ShuttingDown: ["stopping", "shutting down in order"],
  Isolated: ["fenced, alive", "running, but fenced: the controller does not hear it"],
  Crashed: ["dead", "dead, and the controller does not know yet"],
  Fenced: ["down", "down"],
};

/** In a bar; nothing for a broker that simply runs. */
export function shortState(state: string): string {
  return BROKER_WORDS[state]?.[0] ?? state;
}

export function longState(state: string): string {
  return BROKER_WORDS[state]?.[1] ?? state;
}

/** `zone c cut off`, `billing-2 ↔ broker 1 slow`. */
export function troubleText({ state, from, to, oneWay }: LinkTrouble): string {
  const what = state === "cut" ? "cut" : "slow";
  if (to !== null) return `${party(from)} ${oneWay ? "→" : "↔"} ${party(to)} ${what}`;
  if (oneWay) return `${party(from)} → all others ${what}`;
  return state === "cut" ? `${party(from)} cut off` : `${party(from)} slow`;
}

export function controllerText({ controller }: ControllerSpan): string {
  return controller === null ? "no controller" : `controller ${controller}`;
}

/** `broker 3 · c`: its number and its zone. */
export function brokerName({ broker, zone }: ClusterPicture["rows"][number]): string {
  return `broker ${broker}${zone === undefined ? "" : ` · ${zone}`}`;
}

/** Where the group's coordinator is at `t`, among the brokers that have a row; nothing before there ever was one. */
export function coordinatorAt({ rows }: ClusterPicture, { coordinator, outages }: GroupPicture, t: number): string {
  const on = (value: number) =>
    rows.flatMap(({ broker }, row) => (valueAt(coordinator, row, t) === value ? [broker] : []));
  const [active, loading] = [on(ACTIVE), on(LOADING)];
  if (active.length > 0) return `broker ${active.join(" and ")}`;
  if (loading.length > 0) return `none, broker ${loading.join(" and ")} loads`;
  return outages.some(({ from, to }) => from <= t && t < to) ? "none" : "";
}

/** What a partition's high watermark waits for at `t`, in this row; `undefined`: it moves. */
export function watermarkText({ held, heldBy }: GroupPicture, row: number, t: number): string | undefined {
  const waitsFor = heldBy[valueAt(held, row, t)] as readonly number[] | undefined;
  if (waitsFor?.length === 0) return "has too few copies";
  return waitsFor && `waits for broker ${waitsFor.join(" and ")}`;
}

/** Why nobody, or not its reader, gets anything of a partition; `undefined`: nothing is the matter. */
export function reachText(value: number): string | undefined {
  switch (reachOf(value)) {
    case "starved":
      return "its reader gets nothing from the leader";
    case "unreachable":
      return "its reader cannot reach the leader";
    case "leader-dead":
      return "its leader is dead";
    case "no-leader":
      return "it has no leader";
    default:
      return undefined;
  }
}
