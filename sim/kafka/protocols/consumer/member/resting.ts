import type { ConsumerGroupHeartbeat } from "../../../messages.ts";
import { isIdle, setting } from "../../client/client.ts";
import type { Beating, Rest, RestDue, Roused } from "../../client/resting.ts";
import { armTimer } from "./beats.ts";
import type { Participation } from "./participation.ts";
import { heartbeatFields } from "./request.ts";

/** Nobody but the coordinator minds its silence, and that counts heartbeats only. */
export const beatingOf = ({ membership: { member, generation }, beats: { interval } }: Participation): Beating => ({
  api: "ConsumerGroupHeartbeat",
  interval,
  commitsRenew: false,
  answer: (id) => ({
    api: "ConsumerGroupHeartbeat",
    id,
    error: "NONE",
    member,
    epoch: generation,
    heartbeatInterval: interval,
  }),
});

/** Whether nothing can come of its next heartbeats but that they push its session on, until something touches it. */
export function canRest(on: Participation): boolean {
  const { membership, beats, reconciliation } = on;
  return (
    membership.state === "STABLE" &&
    isIdle(on) &&
    !beats.stuck &&
    !beats.pollOver &&
    beats.failures === 0 &&
    !reconciliation.run &&
    saysNothing(on)
  );
}

/** Its next heartbeat will say that it lives, and no more. */
function saysNothing({ sent, subscription, membership }: Participation): boolean {
  return sent.settings && sent.topics === subscription.topics && sent.assignment === membership.current;
}

/** Its heartbeats are not simulated from now on: puts its timer away. Told when it is due. */
export function rest({ host, beats, commitClock }: Participation, due: RestDue): Rest {
  host.cancel("heartbeat", "");
  beats.timer = undefined;
  return { next: due.heartbeat, nextRequest: beats.count + 1, nextCommit: commitClock.count + 1 };
}

/** They are again: everything is as `sent` heartbeats would have left it. Returns the one that still waits for its reply. */
export function rouse(on: Participation, { sent, heartbeatDue, waiting }: Roused): ConsumerGroupHeartbeat | undefined {
  const { beats, membership, requests, options } = on;
  beats.count += sent;
  beats.due = heartbeatDue;
  if (sent > 0) beats.sentAt = heartbeatDue - beats.interval;
  armTimer(on, heartbeatDue);
  if (!waiting) return undefined;
  const { generation, member } = membership;
  const due = waiting.sentAt + setting(on, "request.timeout.ms");
  beats.awaited = waiting.id;
  requests.add({ ...waiting, api: "ConsumerGroupHeartbeat", due, generation, member, beat: true });
  const { client, group } = options;
  return { ...heartbeatFields(on), id: waiting.id, client, group };
}
