import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { ignoredSettings, told } from "./support.ts";

const withConfig = (...lines: string[]): string =>
  `groups: { billing: { members: 1 } }\ntopics:\n  orders:\n    partitions: 1\n    producers:\n      config:\n${lines
    .map((line) => `        ${line}\n`)
    .join("")}`;

const configOf = (...lines: string[]) => parseScenario(withConfig(...lines)).scenario.topics[0].producers.config;

const refused = (...lines: string[]): string[] => told(withConfig(...lines));

// ProducerConfigTest, KafkaProducerTest.testIdempotence…: what is written against idempotence turns it off, or is refused
describe("idempotence", () => {
  const idempotent = (...lines: string[]) => configOf(...lines)["enable.idempotence"];
  const refusal = (text: string) =>
    `${text} for an idempotent producer = the producer would refuse to start: ConfigException; or write enable.idempotence: false`;

  test("is turned off by a config that does not go with it, unless it was asked for", () => {
    expect(idempotent("acks: all")).toBe(true);
    expect(idempotent("acks: -1")).toBe(true);
    expect(idempotent("acks: 1")).toBe(false);
    expect(idempotent('acks: "0"')).toBe(false);
    expect(idempotent("retries: 0")).toBe(false);
  });

  test("that was asked for refuses it", () => {
    const asked = "enable.idempotence: true";
    expect(refused(asked, "acks: 1")).toEqual([refusal("8:15 acks must be all")]);
    expect(refused(asked, "retries: 0")).toEqual([refusal("8:18 retries must be more than 0")]);
    expect(refused(asked, "max.in.flight.requests.per.connection: 6")).toEqual([
      refusal("8:48 max.in.flight.requests.per.connection must be at most 5"),
    ]);
  });

  test("has refused more than 5 requests at a time since 4.0, asked for or not", () => {
    const six = "max.in.flight.requests.per.connection: 6";
    expect(refused(six)).toEqual([refusal("7:48 max.in.flight.requests.per.connection must be at most 5")]);
    expect(refused(six, "acks: 1")).toHaveLength(1);
    expect(idempotent(six, "enable.idempotence: false")).toBe(false);
    const before = parseScenario(`cluster: { brokerVersion: "3.9" }\n${withConfig(six)}`).scenario;
    expect(before.topics[0].producers.config["enable.idempotence"]).toBe(false);
  });

  test("that was asked for before 3.0 comes with acks: all and retries", () => {
    const config = `cluster: { brokerVersion: "2.8" }\n${withConfig("enable.idempotence: true")}`;
    expect(parseScenario(config).scenario.topics[0].producers.config).toMatchObject({
      acks: "all",
      retries: 2_147_483_647,
    });
    const plain = parseScenario(`cluster: { brokerVersion: "2.8" }\n${withConfig("linger.ms: 5")}`);
    expect(plain.scenario.topics[0].producers.config).toMatchObject({ acks: "1", "enable.idempotence": false });
  });

  test("an acks that Kafka does not know is refused", () => {
    expect(refused("acks: 2")).toEqual([
      "7:15 acks must be one of all, -1, 0, 1, not 2 = When a record counts as written: once all copies in sync have it (all, -1), the leader has (1), it was sent (0).",
    ]);
  });
});

describe("a producer's real config can be pasted", () => {
  const text = withConfig(
    "bootstrap.servers: kafka:9092",
    "key.serializer: org.apache.kafka.common.serialization.StringSerializer",
    "acks: 1",
    "compression.type: lz4",
    "max.in.flight.requests.per.connection: 3",
  );

  test("and check tells what of it changes nothing, and why", () => {
    expect(ignoredSettings(text)).toEqual([
      { name: "bootstrap.servers", line: 7 },
      { name: "key.serializer", line: 8 },
      { name: "compression.type", line: 10 },
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
