import type { Engine } from "../engine/engine.ts";
import type { Duration, Instant } from "../engine/time.ts";
import { MILLISECOND } from "../engine/time.ts";
import type { Law } from "../engine/variates.ts";
import { reachOf } from "../engine/variates.ts";
import type { Cluster } from "../kafka/cluster/cluster.ts";
import type { Network } from "../kafka/network/network.ts";
import { ORDER } from "../kafka/order.ts";
import type { BrokerId, GroupId } from "../names.ts";
import type { EventId } from "../trace/event.ts";
import type { Recorder } from "../trace/recorder.ts";
import type { Consumer } from "./consumers.ts";

/** Whether healthy heartbeats are worked out when something needs them, or every one is simulated. */
export type HeartbeatMode = "elided" | "explicit";

export interface HeartbeatsHost {
  readonly engine: Engine;
  readonly recorder: Recorder;
  cluster(): Cluster;
  network(): Network;
  /** The order subject of a consumer's heartbeat timer: what decides among client timers of one instant. */
  heartbeatSubject(consumer: Consumer): number;
}

/** A consumer whose heartbeats are not simulated at present. */
interface Resting {
  readonly broker: BrokerId;
  /** When the next heartbeat is due, and every interval after it. */
  readonly next: Instant;
  readonly interval: Duration;
  /** The id its request will have. */
  readonly nextRequest: number;
  /** What every one of these heartbeats continues. */
  readonly cause: EventId | null;
  /** The session at the coordinator, and the client's own: how long, and until when without any of these heartbeats. */
  readonly session: Duration;
  readonly sessionEnds: Instant;
  readonly clientSessionEnds: Instant;
}

/**
 * Healthy heartbeats cost nothing. While a member sits in a stable group and nothing happens to it, its heartbeats
 * only push two deadlines on. So they are not simulated: the member *rests*, its timers and its session at the
 * coordinator are put away, and when anything touches it (it crashes, closes, is paused, its group leaves Stable, its
 * coordinator moves, a link is cut or slow or mended, the run ends) it is *roused*: what the heartbeats since then would have left behind is worked out
 * by division, the one that is on its way is put there, and the run goes on as if each had been simulated. The trace is the same, byte for byte (V28).
 *
 * That is exact because
 * - no healthy heartbeat can come too late: an interval and the widest spread of delays fit into a session (E1), and a
 *   round trip into an interval (E2). Even a law without bounds has a widest draw (`reachOf`); where it is too wide, every
 *   heartbeat is simulated;
 * - a heartbeat's delays are chance by number, not by sequence (E4);
 * - at one instant order is by class and subject, so what is left out reorders nothing (E5);
 * - times are whole microseconds, so `next + n · interval` is what n additions give (E7);
 * - what counts heartbeats (the requests a broker served, a client's request ids) is counted on when roused (E8).
 */
export class Heartbeats {
  readonly #host: HeartbeatsHost;
  readonly #mode: HeartbeatMode;
  readonly #resting = new Map<GroupId, Map<Consumer, Resting>>();
  /** How long each law's draws can be at least and at most. */
  readonly #reaches = new Map<Law, ReturnType<typeof reachOf>>();

  constructor(mode: HeartbeatMode, host: HeartbeatsHost) {
    this.#host = host;
    this.#mode = mode;
  }

  get mode(): HeartbeatMode {
    return this.#mode;
  }

  /** A heartbeat has just been answered NONE: from now on this member's are worked out, if that is exact. */
  answered(consumer: Consumer): void {
    if (this.#mode === "explicit" || !consumer.member.canRest || !this.#isExactFor(consumer)) return;
    const { engine, recorder } = this.#host;
    const { member, group, timers } = consumer;
    const broker = member.coordinator!;
    const session = this.#host.cluster().rest(broker, group.spec.id, member.memberId, member.generation);
    if (!session) return;
    const { next, nextRequest, sessionEnds } = member.rest({
      heartbeat: timers.deadline("heartbeat", "")!,
      session: timers.deadline("session", "") ?? engine.now,
    });
    let resting = this.#resting.get(group.spec.id);
    if (!resting) this.#resting.set(group.spec.id, (resting = new Map()));
    resting.set(consumer, {
      broker,
      next,
      interval: group.spec.config["heartbeat.interval.ms"] * MILLISECOND,
      nextRequest,
      cause: recorder.cause,
      session: session.timeout,
      sessionEnds: session.ends,
      clientSessionEnds: sessionEnds,
    });
  }

  /** E1 and E2 on this member's own way to its coordinator, with room for both session timers: there and its own. */
  #isExactFor({ group, index, member }: Consumer): boolean {
    const network = this.#host.network();
    const coordinator = member.coordinator!;
    if (!network.reachable(index, coordinator)) return false;
    const [there, back] = network.delays(index, coordinator).map((law) => this.#reachOf(law));
    const spread = there.most - there.least + back.most - back.least;
    const { config } = group.spec;
    const interval = config["heartbeat.interval.ms"] * MILLISECOND;
    const session = config["session.timeout.ms"] * MILLISECOND;
    return there.most + back.most < interval && interval + spread < session;
  }

  #reachOf(law: Law): ReturnType<typeof reachOf> {
    let reach = this.#reaches.get(law);
    if (!reach) this.#reaches.set(law, (reach = reachOf(law)));
    return reach;
  }

  /** Something touches this consumer: from here on it is as if every heartbeat had been simulated. */
  rouse(consumer: Consumer): void {
    const resting = this.#resting.get(consumer.group.spec.id);
    const rest = resting?.get(consumer);
    if (!rest) return;
    resting!.delete(consumer);
    const { recorder } = this.#host;
    const { cause } = recorder;
    recorder.cause = rest.cause;
    this.#resume(consumer, rest);
    recorder.cause = cause;
  }

  /** Something touches this group at its coordinator. */
  rouseGroup(group: GroupId): void {
    const resting = this.#resting.get(group);
    if (!resting || resting.size === 0) return;
    for (const consumer of [...resting.keys()].sort((a, b) => a.index - b.index)) this.rouse(consumer);
  }

  /** The run is over, or looked at. */
  rouseAll(): void {
    for (const group of this.#resting.keys()) this.rouseGroup(group);
  }

  #resume(consumer: Consumer, rest: Resting): void {
    const { engine } = this.#host;
    const cluster = this.#host.cluster();
    const network = this.#host.network();
    const { member, index, group } = consumer;
    const { next, interval, nextRequest, session } = rest;
    const sentAt = (n: number): Instant => next + n * interval;
    const arrivesAt = (n: number): Instant =>
      sentAt(n) + network.beatDelay(index, rest.broker, "broker", "heartbeat", nextRequest + n);
    const repliedAt = (n: number): Instant =>
      arrivesAt(n) + network.beatDelay(index, rest.broker, "client", "heartbeat", nextRequest + n);

    const timerSubject = this.#host.heartbeatSubject(consumer);
    let sent = engine.now < next ? 0 : Math.floor((engine.now - next) / interval) + 1;
    if (sent > 0 && !this.#isPast(sentAt(sent - 1), ORDER.clientTimer, timerSubject)) sent--;
    const last = sent - 1;
    const arrived = sent > 0 && this.#isPast(arrivesAt(last), ORDER.arrivalAtBroker, index);
    const replied = arrived && this.#isPast(repliedAt(last), ORDER.arrivalAtClient, index);

    const lastArrived = arrived ? last : last - 1;
    const sessionEnds = lastArrived >= 0 ? arrivesAt(lastArrived) + session : rest.sessionEnds;
    cluster.rouse(rest.broker, group.spec.id, member.memberId, sessionEnds, lastArrived + 1);

    const lastReplied = replied ? last : last - 1;
    const clientSession = group.spec.config["session.timeout.ms"] * MILLISECOND;
    const request = member.rouse({
      sent,
      heartbeatDue: sentAt(sent),
      sessionEnds: lastReplied >= 0 ? repliedAt(lastReplied) + clientSession : rest.clientSessionEnds,
      ...(sent > 0 && !replied ? { waiting: { id: nextRequest + last, sentAt: sentAt(last) } } : {}),
    });
    if (!request) return;
    if (!arrived) network.resumeRequest(index, rest.broker, request, arrivesAt(last));
    else network.resumeReply(index, rest.broker, { api: "Heartbeat", id: request.id, error: "NONE" }, repliedAt(last));
  }

  /** Whether an event of that instant, class and subject would have run before the one that runs now. */
  #isPast(instant: Instant, orderClass: number, subject: number): boolean {
    const { now, place } = this.#host.engine;
    if (instant !== now) return instant < now;
    return orderClass !== place.orderClass ? orderClass < place.orderClass : subject < place.subject;
  }
}
