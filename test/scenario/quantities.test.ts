/* What is said of a quantity that cannot be read, or is out of range: why, and what would be right. */
import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { told } from "./support.ts";

const withRate = (rate: string): string => `
topics: { orders: { partitions: 4, rate: ${rate} } }
groups: { billing: { members: 2 } }
`;
const withLoading = (loading: string): string => `
cluster: { loading: { ${loading} } }
topics: { orders: 4 }
groups: { billing: { members: 2 } }
`;
const withBroker = (config: string): string => `
cluster: { config: { ${config} } }
topics: { orders: 4 }
groups: { billing: { members: 2 } }
`;
const withoutPlace = (answers: readonly string[]): string[] => answers.map((line) => line.replace(/^\d+:\d+ /, ""));

const RATES = "for instance 2000/s, or steps: [{ at: 0s, rate: 1000/s }, { at: 5m, rate: 3000/s }]";
const UNITS = "units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB";
const PER_SECOND = "units are B/s, kB/s, MB/s, GB/s, TB/s, KiB/s, MiB/s, GiB/s, TiB/s";

describe("a rate", () => {
  test.each([
    [
      "1e15/s",
      'rate must have its number written out, not "1e15/s" = for instance 1500000/s; rates end at 1000000000000/s',
    ],
    [
      "5k/s",
      'rate must have its number written out, not "5k/s" = for instance 1500000/s; rates end at 1000000000000/s',
    ],
    ["1000000000000000/s", 'rate is beyond belief ("1000000000000000/s") = rates end at 1000000000000/s'],
    ["2000/sec", `rate must be so many in a ms, s, m, h or d, not "2000/sec" = ${RATES}`],
    ["many", `rate must be a rate, not "many" = ${RATES}`],
  ])("%s", (rate, answer) => expect(withoutPlace(told(withRate(rate)))).toEqual([answer]));
});

describe("a size", () => {
  const BY_GROUP = "for instance 512KiB or 100MiB, or by group { billing: 300MiB }";
  test.each([
    ["size: 100", "size needs a unit, not just 100 = write 100B, 100KiB, 100MiB …"],
    ["size: 1e3MiB", `size must have its number written out, not "1e3MiB" = ${BY_GROUP}; sizes end at 1000TB`],
    ["size: 1000TiB", 'size is beyond belief ("1000TiB") = sizes end at 1000TB'],
    ["size: 100mb", `size must be a size, not "100mb" = ${BY_GROUP}; ${UNITS}`],
    ["size: -1MiB", `size must not be negative ("-1MiB") = ${BY_GROUP}`],
    ["throughput: 0", `throughput must be a throughput, not 0 = for instance 100MB/s; ${PER_SECOND}`],
    ["throughput: 0MB/s", "throughput must be more than nothing = for instance 100MB/s"],
    ["throughput: 10", "throughput needs a unit, not just 10 = write 10B/s, 10KiB/s, 10MiB/s …"],
    ["throughput: 10TB/h", `throughput must be a throughput, not "10TB/h" = for instance 100MB/s; ${PER_SECOND}`],
  ])("%s", (loading, answer) => expect(withoutPlace(told(withLoading(loading)))).toEqual([answer]));

  test("of a terabyte, decimal or binary", () => {
    const size = (text: string) => parseScenario(withLoading(`size: ${text}`)).scenario.cluster.loading.bytes;
    expect(size("1TiB")).toEqual(2 ** 40);
    expect(size("2TB")).toEqual(2e12);
  });
});

test("a setting of 0 where Kafka wants more is told the least, not that it is no number", () => {
  expect(withoutPlace(told(withBroker("broker.session.timeout.ms: 0")))).toEqual([
    "broker.session.timeout.ms must be at least 1 ms, not 0 = from 1 to 2147483647",
  ]);
});
