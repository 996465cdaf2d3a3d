/** What goes with `flow: records`, and what only with it. */
import type { Finding } from "./document.ts";
import { finding } from "./finding.ts";
import { rateInWords } from "./rate-in-words.ts";
import type { MembersSpec, Scenario } from "./scenario.ts";
import type { Written } from "./schema.ts";

/** No run of single records is larger: each costs two events and a line of the trace. */
const MOST_RECORDS = 20_000_000;

/** What cannot be simulated record by record. */
export function* recordChecks({ flow, duration, topics, groups, events }: Scenario): Generator<Finding> {
  if (flow !== "records") return;
  const records = topics.reduce(
    (sum, { rate }) => sum + (rate.reduce((most, step) => Math.max(most, step.recordsPerSecond), 0) * duration) / 1e6,
    0,
  );
  if (records > MOST_RECORDS) {
    const advice = `${MOST_RECORDS} are the limit: a lower rate, a shorter duration, or flow: fluid, which costs nothing a record`;
    yield finding(["flow"], `that would be up to ${Math.round(records)} single records`, advice);
  }
  for (const [i, { what }] of events.entries()) {
    if (!["create", "grow", "delete", "subscribe"].includes(what)) continue;
    yield finding(["events", i], "topics stay as they are where records are simulated one by one", "use flow: fluid");
  }
  for (const { id, config, members } of groups) {
    const path = ["groups", id, "members"];
    if (members.batch) {
      yield finding([...path, "batch"], "record by record, a batch takes as long as its records", "write service");
    }
    if (config["auto.offset.reset"].startsWith("by_duration")) {
      const advice = "earliest, latest or none; or use flow: fluid";
      yield finding(["groups", id, "config", "auto.offset.reset"], "single records are not looked up by age", advice);
    }
  }
}

/** What was written and changes nothing: because lag is a fluid, or because it is none. */
export function* recordLints({ flow, groups }: Scenario, written: Written): Generator<Finding> {
  if (flow === "records") {
    for (const { id, members } of groups) yield* capacities(id, members, written);
    return;
  }
  const none = "a fluid has no single records";
  const advice = "write flow: records to simulate them one by one";
  for (const [name, topic] of Object.entries(written.topics)) {
    if (typeof topic === "object" && topic?.arrivals) yield finding(["topics", name, "arrivals"], none, advice);
  }
  for (const { id, members } of groups) {
    const given = written.groups[id].members;
    if (typeof given !== "object" || !given.service) continue;
    const pace = rateInWords(Number(members.capacity.toPrecision(4)));
    const counts =
      given.capacity === undefined ? `it counts as a capacity of ${pace}` : `the capacity of ${pace} counts instead`;
    yield finding(["groups", id, "members", "service"], none, `${counts}; ${advice}`);
  }
}

/** A capacity beside a service that says another. */
function* capacities(id: string, { capacity }: MembersSpec, written: Written): Generator<Finding> {
  const { members } = written.groups[id];
  if (typeof members !== "object" || !members.service || members.capacity === undefined) return;
  if (Math.abs(members.capacity - capacity) <= 1e-3 * capacity) return; // 3 ms is 333/s
  const path = ["groups", id, "members"];
  yield finding(
    [...path, "capacity"],
    `service says how fast a member is: ${Math.round(capacity * 10) / 10} records/s on average, whatever the capacity`,
    "remove one of the two",
    [...path, "service"],
  );
}
