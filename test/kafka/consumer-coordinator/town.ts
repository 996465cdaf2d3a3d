import type { ConsumerGroupHeartbeatReply } from "../../../sim/kafka/messages.ts";
import type { InstanceId, MemberEpoch, MemberId, Partitions, TopicName } from "../../../sim/names.ts";
import { ConsumerBench } from "./bench.ts";

export const SECOND = 1_000_000;

/** Kafka's `group.consumer.heartbeat.interval.ms`. */
const INTERVAL = 5 * SECOND;
const REBALANCE_TIMEOUT = 20 * SECOND;

export const SUBSCRIPTIONS: readonly (readonly TopicName[])[] = [["orders"], ["orders", "returns"]];

/** One thing that happens in the town; a heartbeat or its reply may be lost on the way. */
export type Step =
  | { readonly does: "goes on"; readonly client: number; readonly loses?: "request" | "reply" }
  | { readonly does: "starts" | "leaves" | "leaves for a while" | "crashes"; readonly client: number }
  | { readonly does: "subscribes"; readonly client: number; readonly to: number }
  | { readonly does: "waits" | "lingers"; readonly seconds: number }
  | { readonly does: "grows"; readonly topic: TopicName }
  | { readonly does: "log"; readonly refuses: boolean }
  | { readonly does: "fails over" };

/** A consumer that does as it is told, at once: it gives up what it is to give up before it says so. */
export class Client {
  readonly name: string;
  readonly instance: InstanceId | undefined;
  /** `out`: its process does not run, or an exception has ended it. */
  state: "out" | "joining" | "in" = "out";
  id: MemberId = "";
  epoch: MemberEpoch = 0;
  topics = SUBSCRIPTIONS[0];
  /** What it reads. */
  using: Partitions = {};
  /** Its next heartbeat says what it owns, or all of itself. */
  says: "nothing" | "what it owns" | "all" = "all";
  resubscribed = false;
  /** The number of the request that it waits for. */
  awaits: number | undefined;
  /** Its reply will not arrive. */
  loses = false;
  #processes = 0;

  constructor(name: string, instance?: InstanceId) {
    this.name = name;
    this.instance = instance;
  }

  start(): void {
    this.id = `${this.name}-${++this.#processes}`;
    this.#begin();
  }

  /** It stops reading, whatever others think. */
  stop(): void {
    this.state = "out";
    this.using = {};
    this.awaits = undefined;
  }

  #begin(): void {
    this.state = "joining";
    this.epoch = 0;
    this.using = {};
    this.says = "all";
    this.awaits = undefined;
  }

  /** Its request, or the reply to it, is lost. */
  disappointed(): void {
    this.awaits = undefined;
    this.says = "all";
  }

  receive({ error, epoch, assignment }: ConsumerGroupHeartbeatReply): void {
    if (this.state === "out") return;
    this.awaits = undefined;
    switch (error) {
      case "NONE":
        this.state = "in";
        this.epoch = epoch;
        this.says = "nothing";
        if (assignment && JSON.stringify(assignment) !== JSON.stringify(this.using)) {
          this.using = assignment;
          this.says = "what it owns";
        }
        break;
      case "FENCED_MEMBER_EPOCH":
      case "UNKNOWN_MEMBER_ID":
        this.#begin();
        break;
      case "UNRELEASED_INSTANCE_ID":
      case "FENCED_INSTANCE_ID":
      case "GROUP_ID_NOT_FOUND":
        this.stop();
        break;
      default:
        this.disappointed();
    }
  }
}

/** Consumers, and the coordinator of their group. */
export class Town {
  readonly bench: ConsumerBench;
  readonly clients: readonly Client[] = [
    new Client("a"),
    new Client("b"),
    new Client("c"),
    new Client("d", "i1"),
    new Client("e", "i1"), // a second process with the same instance id
  ];
  /** Somebody has left while the log refused that: it stays a member until the group is loaded again. */
  #strandedMembers = false;

  constructor(release: string) {
    this.bench = new ConsumerBench(release, { orders: 5, returns: 2 });
    this.bench.onReply = (name, reply) => {
      const client = this.clients.find((one) => one.name === name)!;
      if (reply.api !== "ConsumerGroupHeartbeat") throw new Error(`${reply.api} was not asked for`);
      if (reply.epoch < 0) {
        if (reply.error === "COORDINATOR_NOT_AVAILABLE") this.#strandedMembers = true;
      } else if (client.awaits === reply.id) {
        if (client.loses) client.disappointed();
        else client.receive(reply);
      }
    };
  }

  take(step: Step): void {
    const { bench } = this;
    switch (step.does) {
      case "waits":
        bench.clock.runTo(bench.now + step.seconds * SECOND, true);
        break;
      case "lingers":
        if (!bench.writing) bench.appendTime = step.seconds * SECOND; // the log commits in order
        break;
      case "log":
        bench.refusal = step.refuses ? "NOT_ENOUGH_REPLICAS" : undefined;
        break;
      case "grows":
        bench.layOut(step.topic, bench.topics.get(step.topic)! + 1);
        break;
      case "fails over":
        bench.failOver();
        for (const client of this.clients) if (client.awaits !== undefined) client.disappointed();
        break;
      default:
        this.#act(this.clients[step.client], step);
    }
  }

  #act(client: Client, step: Extract<Step, { readonly client: number }>): void {
    const runs = client.state !== "out";
    switch (step.does) {
      case "goes on":
        if (runs && client.awaits === undefined) this.#heartbeat(client, step.loses);
        break;
      case "starts":
        if (!runs) client.start();
        break;
      case "crashes":
        client.stop();
        break;
      case "subscribes":
        if (client.topics === SUBSCRIPTIONS[step.to]) break;
        client.topics = SUBSCRIPTIONS[step.to];
        client.resubscribed = true;
        break;
      case "leaves":
      case "leaves for a while": {
        if (client.state !== "in") break;
        const epoch = step.does === "leaves" || client.instance === undefined ? -1 : -2;
        client.stop();
        this.#send(client, { epoch });
      }
    }
  }

  #heartbeat(client: Client, loses: "request" | "reply" | undefined): void {
    const { says, epoch, topics, using, resubscribed } = client;
    if (loses === "request") return client.disappointed();
    client.awaits = this.bench.nextRequest;
    client.loses = loses === "reply";
    client.resubscribed = false;
    const saysAll = says === "all" || client.state === "joining";
    this.#send(client, {
      epoch,
      ...((saysAll || resubscribed) && { topics }),
      ...(saysAll && { rebalanceTimeout: REBALANCE_TIMEOUT }),
      ...((saysAll || says === "what it owns") && { owned: using }),
    });
  }

  #send(
    { name, instance, id }: Client,
    said: { epoch: MemberEpoch; topics?: readonly TopicName[]; rebalanceTimeout?: number; owned?: Partitions },
  ): void {
    this.bench.send(
      { api: "ConsumerGroupHeartbeat", version: 1, member: id, ...(instance !== undefined && { instance }), ...said },
      name,
    );
  }

  /** Nothing is lost or changes any more, and everybody goes on for as long as it takes. */
  settle(): void {
    const { bench } = this;
    this.take({ does: "log", refuses: false });
    while (bench.writing) this.take({ does: "waits", seconds: 1 });
    this.take({ does: "lingers", seconds: 0 });
    if (this.#strandedMembers) this.take({ does: "fails over" });
    for (const client of this.clients) client.loses = false;
    for (let round = 0; round < 60; round++) {
      for (const client of this.clients) {
        if (client.state !== "out") this.#heartbeat(client, undefined);
        if (client.state === "in" && client.says === "what it owns") this.#heartbeat(client, undefined);
      }
      bench.clock.runTo(bench.now + INTERVAL, true);
    }
  }
}
