/**
 * What began a rebalance: follows causes backwards, from the group's change of state to where its story starts,
 * without keeping the trace.
 */
import type { Duration, Instant } from "../../engine/time.ts";
import type { ClientId, GroupId, TopicName } from "../../names.ts";
import type { EventId, Happening, TraceEvent, TraceHeader } from "../event.ts";

type ScenarioEvent = Extract<Happening, { type: "scenario.event" }>;

/** The event by which a group left `Stable` or `Empty`, or got another epoch. */
export type Beginning = Pick<
  Extract<TraceEvent, { type: "group.state" }>,
  "id" | "t" | "cause" | "group" | "reason" | "client"
> & {
  /** Whether the group has never had an assignment. */
  readonly first: boolean;
};

/** What began a rebalance, in a word that can be counted. */
export type CauseKind =
  /** The group's first members came. */
  | "start"
  /** A process started and joined. */
  | "join"
  /** A process closed and left. */
  | "leave"
  /** A process crashed, and its session expired. */
  | "crash"
  /** A step of a rolling restart: a leave, or the join that follows it. */
  | "roll"
  /** A batch took longer than `max.poll.interval.ms`; or than the session, with a client that sends no heartbeats from inside it. */
  | "slow-batch"
  /** A commit that the application waited for did. */
  | "slow-commit"
  /** A living member that had been expelled came back. */
  | "rejoin"
  /** A broker failed or moved. */
  | "failover"
  /** A member was not heard of, though it lives. */
  | "silence"
  /** A topic came, grew or went, or the group subscribed to others, and the group leader has heard of it. */
  | "topics"
  /** Something inside the group: the group leader rejoined, metadata changed, a follower never synced … */
  | "group";

export interface Cause {
  readonly kind: CauseKind;
  /** Whose doing it was. */
  readonly client: ClientId | null;
  /**
   * When the story started: the process crashed or was stopped, the batch began, the application came to wait for its commit. The
   * group notices later. Of batches only those are seen to begin that the scenario or chance decided on; with any other it
   * starts when the poll interval is over.
   */
  readonly at: Instant;
  /** The event that started it. */
  readonly event: EventId;
  /** The decision behind it, the scenario's or chance's, if there was one. */
  readonly decision: Decision | null;
  /**
   * Of a `silence` or a `crash`: how long nothing had been heard of the member when its session was over. That need not be since
   * `at`: its last heartbeat was before that; and who is cut off from answers only is still heard, until it gives its
   * coordinator up.
   */
  readonly silentFor?: Duration;
}

export interface Decision {
  readonly event: EventId;
  readonly what: ScenarioEvent["what"];
  readonly origin: ScenarioEvent["origin"];
  /** One sentence for people. */
  readonly text: string;
}

/** The last thing that happened to a process, an application's thread or a broker, on the way back to the root. */
interface Onset {
  readonly t: Instant;
  readonly event: EventId;
  readonly what: "runs" | "closes" | "crashes" | "busy" | "commits" | "overdue" | "frozen" | "broker" | "decision";
  readonly client: ClientId | null;
  readonly decision: Decision | null;
}

interface Causes {
  begin(header: TraceHeader): void;
  see(event: TraceEvent): void;
  /** What began this rebalance; asked when the group has just left `Stable` or `Empty`, after `see`. */
  of(event: Beginning): Cause;
}

interface Client {
  readonly process: Onset;
  /** The batch that the scenario or chance has decided on, while it lasts; and how long that is without anything else. */
  busy?: Onset & { readonly lasts: Duration };
  /** The commit that its application waits for. */
  commits?: Onset;
  /** What made its consumer give up its membership for want of a poll, and when it did; until it is a member again. */
  overdue?: { readonly by: Onset; readonly since: Instant };
  expelled?: Instant;
  /** Nothing had been heard of it for so long when it was expelled, until it is a member again; `undefined`: it was for something else. */
  silentFor?: Duration;
  rejoins?: Onset;
}

/** As much of a scenario as it takes, as far as the header of a trace has one. */
interface Clients {
  readonly groups?: readonly { readonly id: GroupId; readonly clientProfile?: string }[];
}

/**
 * Clients that send heartbeats between two records of a batch, and none from inside one that takes long. Kafka's own has a
 * thread for them since 0.10.1 (KIP-62), librdkafka too: no batch ends their sessions.
 */
const WITHOUT_HEARTBEAT_THREAD: ReadonlySet<string | undefined> = new Set(["kafkajs"]);

/** What the scenario does to topics and subscriptions. */
const ON_TOPICS: ReadonlySet<string> = new Set(["create", "grow", "delete", "subscribe"]);

/** What coordinators say of members that go, and of those that come. */
const LEAVES: ReadonlySet<string> = new Set(["leave", "member-left", "member-away"]);
const JOINS: ReadonlySet<string> = new Set(["new-member", "first-member", "member-joined"]);

/** What they say where topics changed, or a member's subscription. */
const CHANGES: ReadonlySet<string> = new Set(["metadata-changed", "subscription-changed"]);

/** Changes by which the coordinator has a member again. */
const COMES: ReadonlySet<string> = new Set(["added", "replaced", "rejoined"]);

/**
 * At least so many events are remembered. A cause older than that, and not asked for since, leads nowhere; no timer of
 * Kafka waits for that many events, except in groups of ten thousands.
 */
const MEMORY = 1 << 18;

/** An event inherits where its story started from its cause, so a chain of any length costs one look-up. */
export function causes(): Causes {
  let recent = new Map<EventId, Onset>();
  let older = new Map<EventId, Onset>();
  const clients = new Map<ClientId, Client>();
  /** What each group subscribes to, and since when, unless that is from the beginning. */
  const subscriptions = new Map<GroupId, { readonly topics: readonly TopicName[]; readonly changed: Onset | null }>();
  const heartbeatsBetweenRecords = new Set<GroupId>();
  /** The last change of each topic. */
  const topics = new Map<TopicName, Onset>();

  const onsetOf = (event: EventId | null): Onset | null => {
    if (event === null) return null;
    const known = recent.get(event) ?? older.get(event) ?? null;
    if (known) remember(event, known); // asked for, so worth remembering a while longer
    return known;
  };
  const remember = (event: EventId, onset: Onset) => {
    if (recent.size >= MEMORY) [older, recent] = [recent, new Map()];
    recent.set(event, onset);
  };

  /**
   * The last change of what a group reads. A coordinator that looks at the topics itself (KIP-848) acts at whoever's
   * heartbeat comes next, and hears of a subscription with one, whatever made that heartbeat due.
   */
  const lastChange = (group: GroupId): Onset | null => {
    const subscription = subscriptions.get(group);
    let last = subscription?.changed ?? null;
    for (const topic of subscription?.topics ?? []) {
      const change = topics.get(topic);
      if (change && (!last || change.t > last.t)) last = change;
    }
    return last;
  };

  /**
   * What put an end to a member's heartbeats, and so to its session: whatever did so first. Its application does by not polling
   * until the consumer gives up. A batch does only where there is no thread for heartbeats, and if it is long enough by itself.
   */
  const silencer = ({ t, group, cause }: Beginning, { busy, overdue }: Partial<Client>): Onset | null => {
    const last = onsetOf(cause);
    const outside = last?.what === "frozen" || last?.decision?.what === "cut" ? last : null;
    if (overdue && !(outside && outside.t < overdue.since)) return overdue.by;
    if (!busy || !heartbeatsBetweenRecords.has(group)) return outside;
    return outside && (outside.t < busy.t || busy.t + busy.lasts < t) ? outside : busy;
  };

  return {
    begin(header) {
      for (const { id, topics } of header.groups) subscriptions.set(id, { topics, changed: null });
      for (const { id, clientProfile } of ((header.scenario ?? {}) as Clients).groups ?? [])
        if (WITHOUT_HEARTBEAT_THREAD.has(clientProfile)) heartbeatsBetweenRecords.add(id);
    },
    see(event) {
      if (!("id" in event)) return; // dense, and causes nothing
      const inherited = onsetOf(event.cause);
      const begins = whatBegins(event);
      const onset: Onset | null = begins
        ? { t: event.t, event: event.id, ...begins, decision: decisionOf(event) ?? inherited?.decision ?? null }
        : inherited;
      if (onset) remember(event.id, onset);

      if (event.type === "client.process") {
        if (begins) clients.set(event.client, { process: onset! });
      } else if (event.type === "client.busy") {
        const client = clients.get(event.client);
        if (client) client.busy = event.busy ? { ...onset!, lasts: event.lasts ?? Infinity } : undefined;
      } else if (event.type === "client.committing") {
        const client = clients.get(event.client);
        if (client) client.commits = event.committing ? onset! : undefined;
      } else if (event.type === "client.rejoin") {
        const client = clients.get(event.client);
        if (client) client.rejoins = { ...client.process, t: event.t, event: event.id };
      } else if (event.type === "client.state" && event.reason === "poll-interval-exceeded") {
        const client = clients.get(event.client);
        // Not what it inherits: the poll's timer hangs on whatever once made the application read.
        const { t, id, client: name } = event;
        const own: Onset = { t, event: id, what: "overdue", client: name, decision: null };
        if (client) client.overdue = { by: client.busy ?? client.commits ?? own, since: t };
      } else if (event.type === "client.state" && event.to === "JOINING" && event.from !== "UNSUBSCRIBED") {
        const client = clients.get(event.client); // a member of the consumer protocol that was fenced, or too slow
        if (client) client.rejoins = { ...client.process, t: event.t, event: event.id };
      } else if (event.type === "topic.changed") {
        if (onset) topics.set(event.topic, { ...onset, t: event.t });
      } else if (event.type === "group.subscribed") {
        subscriptions.set(event.group, { topics: event.topics, changed: onset && { ...onset, t: event.t } });
      } else if (event.type === "group.member") {
        const client = clients.get(event.client);
        if (client && event.change === "removed") {
          client.expelled = event.t;
          client.silentFor = event.silentFor;
        }
        if (client && COMES.has(event.change)) client.overdue = client.silentFor = undefined;
      }
    },

    of(event) {
      const known = event.client === undefined ? undefined : clients.get(event.client);
      const cause = (kind: CauseKind, onset: Onset | null): Cause => ({
        kind: onset?.decision?.what === "roll" && kind !== "start" ? "roll" : kind,
        client: event.client ?? onset?.client ?? null,
        at: onset?.t ?? event.t,
        event: onset?.event ?? event.id,
        decision: onset?.decision ?? null,
      });

      const silence = known?.silentFor === undefined ? {} : { silentFor: known.silentFor };

      // A timer that runs out was armed long before the deed: what the member is doing now says more than its chain.
      if (known?.process.what === "crashes") return { ...cause("crash", known.process), ...silence };
      if (known?.process.what === "closes") return cause("leave", known.process);
      if (event.reason === "session-expired") {
        const onset = silencer(event, known ?? {});
        if (onset && (onset === known?.busy || onset === known?.overdue?.by)) return cause(slow(onset), onset);
        return { ...cause("silence", onset), ...silence };
      }
      const held = known?.busy ?? known?.overdue?.by;
      if (held && LEAVES.has(event.reason)) return cause(slow(held), held);

      const onset = onsetOf(event.cause);
      if (event.first) return cause("start", onset);
      // Who was expelled comes back for that, though what its application does hangs on something older.
      if (JOINS.has(event.reason) && known?.expelled !== undefined && known.expelled > (onset?.t ?? -Infinity)) {
        return cause("rejoin", comesBack(known));
      }
      if (onset?.what === "broker" || onset?.decision?.what === "crash-broker") return cause("failover", onset);
      if (JOINS.has(event.reason)) {
        if (known?.expelled === undefined) return cause("join", known?.process ?? onset);
        return cause("rejoin", comesBack(known));
      }
      const change = CHANGES.has(event.reason) ? lastChange(event.group) : null;
      if (change?.decision) return cause("topics", change);
      if (onset?.decision && ON_TOPICS.has(onset.decision.what)) return cause("topics", onset);
      return cause("group", null);
    },
  };
}

/** What a member did to come back since it was expelled. */
const comesBack = ({ rejoins, expelled = 0 }: Client): Onset | null =>
  rejoins && rejoins.t >= expelled ? rejoins : null;

function decisionOf(event: TraceEvent): Decision | null {
  if (event.type !== "scenario.event") return null;
  return { event: event.id, what: event.what, origin: event.origin, text: event.text };
}

/** What kept an application from polling. */
const slow = ({ what }: Onset): CauseKind => (what === "commits" ? "slow-commit" : "slow-batch");

function whatBegins(event: TraceEvent): Pick<Onset, "what" | "client"> | null {
  switch (event.type) {
    case "scenario.event":
      return { what: "decision", client: null };
    case "client.process":
      if (event.to === "Running") return { what: "runs", client: event.client };
      if (event.to === "Closing") return { what: "closes", client: event.client };
      if (event.to === "Crashed") return { what: "crashes", client: event.client };
      return null; // Starting: nobody notices yet. Stopped: the end of what Closing began.
    case "client.busy":
      return event.busy ? { what: "busy", client: event.client } : null;
    case "client.committing":
      return event.committing ? { what: "commits", client: event.client } : null;
    case "client.frozen":
      return event.frozen ? { what: "frozen", client: event.client } : null;
    case "broker.state":
      return { what: "broker", client: null };
    default:
      return null;
  }
}
