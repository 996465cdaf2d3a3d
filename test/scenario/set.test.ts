import { describe, expect, test } from "vitest";
import { MINUTE, SECOND } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { renderProblem } from "../../sim/scenario/problem.ts";
import { problemsOf, SMALLEST, told } from "./support.ts";

const TEXT = `${SMALLEST}events:
  - { at: 5m, crash: billing-1 }
`;

const withSet = (...set: string[]) => parseScenario(TEXT, { set }).scenario;

describe("--set", () => {
  test("replaces what is written", () => {
    expect(withSet("topics.orders=24").topics[0].partitions).toBe(24);
  });

  test("adds what is not", () => {
    expect(withSet("duration=1h").duration).toBe(60 * MINUTE);
  });

  test("takes keys with dots", () => {
    const { config } = withSet("groups.billing.config.session.timeout.ms=10s").groups[0];
    expect(config["session.timeout.ms"]).toBe(10_000);
  });

  test("takes keys that begin like another one", () => {
    const { config } = withSet(
      "groups.billing.config.retry.backoff.max.ms=9s",
      "groups.billing.config.retry.backoff.ms=2s",
    ).groups[0];
    expect(config).toMatchObject({ "retry.backoff.ms": 2_000, "retry.backoff.max.ms": 9_000 });
  });

  test("spells short forms out", () => {
    const { topics, groups } = withSet("groups.billing.members.capacity=7/s", "topics.orders.rate=3/s");
    expect(groups[0].members).toMatchObject({ initial: 5, capacity: 7 });
    expect(topics[0]).toMatchObject({ partitions: 12, rate: [{ at: 0, recordsPerSecond: 3 }] });
  });

  test("takes any YAML as value", () => {
    const { members } = withSet("groups.billing.members.startup={ uniform: [1s, 2s] }").groups[0];
    expect(members.startup).toEqual({ uniform: [SECOND, 2 * SECOND] });
  });

  test("reaches into lists, and appends", () => {
    const { events } = withSet("events.0.at=7m", "events.1={ at: 8m, roll: billing }");
    expect(events.map(({ at }) => at)).toEqual([7 * MINUTE, 8 * MINUTE]);
  });

  test("lets the last one win", () => {
    expect(withSet("duration=1h", "duration=2h").duration).toBe(120 * MINUTE);
  });

  test("can mend a mistake of the file", () => {
    expect(parseScenario(`${TEXT}duration: ten\n`, { set: ["duration=10m"] }).scenario.duration).toBe(10 * MINUTE);
  });

  test.each<[option: string, answer: string]>([
    ["duration", "is no setting = write path=value: --set duration=1h"],
    ["=5", "is no setting = write path=value: --set duration=1h"],
    ["durration=5m", "leads nowhere: there is no durration = did you mean duration?"],
    ["groups.biling.members=3", "leads nowhere: groups has no biling.members = did you mean groups.billing?"],
    [
      "groups.billing.config.sesion.timeout.ms=3",
      "leads nowhere: groups.billing.config has no sesion.timeout.ms = did you mean groups.billing.config.session.timeout.ms?",
    ],
    [
      "groups.billing.members.session.timeout.ms=3",
      "leads nowhere: groups.billing.members has no session.timeout.ms = it belongs under groups.billing.config",
    ],
    ["events.5.at=3m", "leads nowhere: events has no 5.at = its entries are numbered from 0 to 0"],
    ["duration=-3s", 'duration must not be negative ("-3s") = time only goes on'],
    ["groups.billing.members.bogus=1", "leads nowhere: groups.billing.members has no bogus = known here: "],
    ["duration=[1", "has a value that is not YAML: "],
    [
      "groups.billing.config.session.timeout.ms=2000",
      "session.timeout.ms must exceed heartbeat.interval.ms (3000) = with less",
    ],
    [
      "topics.orders.partitions.x=1",
      "leads nowhere: topics.orders.partitions has no x = topics.orders.partitions has nothing inside",
    ],
  ])("%s is answered with the option and what would be right", (option, answer) => {
    const [first] = told(TEXT, { set: [option] });
    expect(first.startsWith(`--set ${option} ${answer}`), first).toBe(true);
  });

  test("a mistake in an option is shown without a line of the file", () => {
    const [problem] = problemsOf(TEXT, { set: ["duration=soon"] });
    expect(renderProblem(problem, "x.yaml", TEXT)).toBe(
      '--set duration=soon duration must be a duration, not "soon"\n   = for instance 300ms, 45s, 5m, 2h or 1h30m',
    );
  });
});
