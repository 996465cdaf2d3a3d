import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { told } from "./support.ts";

const withConfig = (...lines: string[]): string =>
  `groups: { billing: { members: 1 } }\ntopics:\n  orders:\n    partitions: 1\n    producers:\n      config:\n${lines
    .map((line) => `        ${line}\n`)
    .join("")}`;

const configOf = (...lines: string[]) => parseScenario(withConfig(...lines)).scenario.topics[0].producers.config;

const refused = (...lines: string[]): string[] => told(withConfig(...lines));

describe("a producer's real config can be pasted", () => {
  const { lints } = parseScenario(
    withConfig(
      "bootstrap.servers: kafka:9092",
      "key.serializer: org.apache.kafka.common.serialization.StringSerializer",
      "acks: 1",
      "compression.type: lz4",
      "max.in.flight.requests.per.connection: 3",
    ),
  );

  test("and check tells what of it changes nothing, and why", () => {
    expect(lints.map(({ at, message }) => `${at?.line} ${message}`)).toEqual([
      "7 bootstrap.servers means nothing to a simulation",
      "8 key.serializer means nothing to a simulation",
      "9 acks is not modelled yet",
      "10 compression.type is not modelled yet",
    ]);
  });

  test("but a mistyped key is refused", () => {
    expect(refused("ackss: all")).toEqual(["7:9 ackss is not known in config = did you mean acks?"]);
    expect(refused("compresion.type: lz4")).toEqual([
      "7:9 compresion.type is not known in config = did you mean compression.type?",
    ]);
  });
});

// KafkaProducer.configureDeliveryTimeout
describe("delivery.timeout.ms is at least linger.ms + request.timeout.ms", () => {
  test("a shorter one that was written is refused", () => {
    expect(refused("linger.ms: 20", "delivery.timeout.ms: 30019")).toEqual([
      "8:30 delivery.timeout.ms must be at least linger.ms + request.timeout.ms (30020) = the producer would refuse to start: ConfigException",
    ]);
    expect(configOf("linger.ms: 20", "delivery.timeout.ms: 30020")["delivery.timeout.ms"]).toBe(30_020);
  });

  test("the default gives way to them", () => {
    expect(configOf("request.timeout.ms: 150s", "linger.ms: 20")["delivery.timeout.ms"]).toBe(150_020);
    expect(configOf("request.timeout.ms: 60s")["delivery.timeout.ms"]).toBe(120_000);
    expect(configOf("request.timeout.ms: 2147483647")["delivery.timeout.ms"]).toBe(2_147_483_647);
  });
});
