/**
 * A day of 1,000 members that send a heartbeat each 3 s, with a rebalance each hour: heartbeats worked out against every
 * one simulated, in one run on one machine. And the cost of lag, which must not depend on how many records there are.
 */
import { fingerprinting, parseScenario, simulate } from "../../sim/index.ts";
import type { HeartbeatMode } from "../../sim/simulation/heartbeats.ts";
import type { Benchmark } from "./bench.ts";

/** Working heartbeats out must be at least this many times as fast as simulating them (engine.md: 1.0 s against 2.5 s). */
const FLOOR = 2.5;

/** …and ten million records a second may cost at most this much more than ten. */
const RATE_TOLERANCE = 1.25;

const yaml = (hours: number, rate: string, delay: string): string => `
duration: ${hours}h
cluster: { brokers: 3, network: { delay: ${delay} } }
topics: { orders: { partitions: 10000, rate: ${rate} } }
groups:
  g:
    topics: [orders]
    members: { initial: 1000, capacity: 100000/s }
    config: { partition.assignment.strategy: [range] }
events:
${Array.from({ length: hours }, (_, hour) => `  - { at: ${hour * 60 + 30}m, join: g }`).join("\n")}
`;

/** CPU seconds of one run, and its fingerprint. */
function timed(text: string, heartbeats: HeartbeatMode): { readonly seconds: number; readonly fingerprint: string } {
  const { scenario } = parseScenario(text, { file: "bench.yaml" });
  const print = fingerprinting();
  const before = process.cpuUsage();
  simulate(scenario, { seed: "bench", heartbeats, to: [print] });
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, fingerprint: print.footer().fingerprint };
}

export const run: Benchmark = async () => {
  let good = true;
  console.log("\nsimulation: 1,000 members, 10,000 partitions, a rebalance an hour; CPU seconds");
  for (const [name, delay] of [
    ["constant delay", "1ms"],
    ["random delay", "{ lognormal: { median: 0.5ms, p99: 5ms } }"],
  ]) {
    const hours = 2; // what is simulated grows in proportion; a whole day of explicit heartbeats takes minutes
    const explicit = timed(yaml(hours, "1000000/s", delay), "explicit");
    const elided = timed(yaml(hours, "1000000/s", delay), "elided");
    const ratio = explicit.seconds / elided.seconds;
    const same = explicit.fingerprint === elided.fingerprint;
    good &&= same && ratio >= FLOOR;
    const figures = `explicit ${explicit.seconds.toFixed(2)}  elided ${elided.seconds.toFixed(2)}  ratio ${ratio.toFixed(1)}`;
    console.log(`  ${name.padEnd(16)} ${figures} (floor ${FLOOR})  ${same ? "same trace" : "DIFFERENT TRACES"}`);
  }
  const day = timed(yaml(24, "1000000/s", "1ms"), "elided");
  console.log(
    `  a whole day, elided: ${day.seconds.toFixed(2)} s, ${Math.round(86_400 / day.seconds)} simulated s per CPU s`,
  );
  const few = timed(yaml(4, "10/s", "1ms"), "elided");
  const many = timed(yaml(4, "10000000/s", "1ms"), "elided");
  const growth = many.seconds / few.seconds;
  good &&= growth <= RATE_TOLERANCE;
  console.log(
    `  10 records/s ${few.seconds.toFixed(2)}  10⁷ records/s ${many.seconds.toFixed(2)}  ratio ${growth.toFixed(2)}`,
  );
  return good;
};
