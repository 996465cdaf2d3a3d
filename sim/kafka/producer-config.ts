/** What a producer is configured with: Kafka's names, defaults and units, as in `config.ts`. Source: `ProducerConfig`. */
import type { ConfigOf, Setting } from "./config.ts";
import { CLIENT_SETTINGS, defaultsOf, MAX_INTEGER } from "./config.ts";

export const PRODUCER_SETTINGS = {
  "batch.size": {
    type: "integer",
    unit: "bytes",
    default: 16_384,
    min: 0,
    readBy: ["simulation"],
    about: "The most that is gathered for one partition before it is sent.",
  },
  "linger.ms": {
    type: "integer",
    unit: "ms",
    default: 5,
    before: [["4.0", 0]],
    min: 0,
    readBy: ["simulation"],
    about: "How long a batch that is not full waits for more records.",
  },
  "buffer.memory": {
    type: "integer",
    unit: "bytes",
    default: 33_554_432,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    readBy: ["simulation"],
    about: "What may wait to be sent; when it is full, send() blocks.",
  },
  "delivery.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 120_000,
    min: 0,
    since: "2.1",
    readBy: ["simulation"],
    about: "A record that could not be sent for so long is given up.",
  },
  "max.in.flight.requests.per.connection": {
    type: "integer",
    default: 5,
    min: 1,
    readBy: ["simulation"],
    about: "Requests that wait for their answers at one time: with batch.size, the most one partition can get.",
  },
  "enable.idempotence": {
    type: "boolean",
    default: true,
    before: [["3.0", false]],
    since: "0.11",
    readBy: ["simulation"],
    about: "Whether a record that is sent again is written only once.",
  },
  acks: {
    type: "string",
    default: "all",
    before: [["3.0", "1"]],
    oneOf: ["all", "-1", "0", "1"],
    readBy: ["simulation"],
    about:
      "When a record counts as written: once all copies in sync have it (all, -1), the leader has (1), it was sent (0).",
  },
  retries: {
    type: "integer",
    default: MAX_INTEGER,
    before: [["2.1", 0]],
    min: 0,
    readBy: ["simulation"],
    about: "How often a record is sent again; 0: what was on its way when a leader died is gone.",
  },
  "request.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 30_000,
    min: 0,
    readBy: ["simulation"],
    about: "How long the producer waits for an answer before it gives the request up.",
  },
  "metadata.max.age.ms": {
    ...CLIENT_SETTINGS["metadata.max.age.ms"],
    about: "Metadata older than this is fetched anew: at the latest then the producer hears of another leader.",
  },
  // waits as a consumer does
  "retry.backoff.ms": { ...CLIENT_SETTINGS["retry.backoff.ms"], readBy: ["simulation"] },
  "retry.backoff.max.ms": { ...CLIENT_SETTINGS["retry.backoff.max.ms"], readBy: ["simulation"] },
} as const satisfies Readonly<Record<string, Setting>>;

/** A producer's settings, each in the unit its table names. */
export type ProducerConfig = ConfigOf<typeof PRODUCER_SETTINGS>;

/** What producers of this release do if nobody configures them. */
export const defaultProducerConfig = (release: string): ProducerConfig => defaultsOf(PRODUCER_SETTINGS, release);
