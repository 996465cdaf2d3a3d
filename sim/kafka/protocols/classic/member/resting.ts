import type { Heartbeat } from "../../../messages.ts";
import type { Beating, Rest, RestDue, Roused } from "../../client/resting.ts";
import { isIdle, setting } from "../../client/client.ts";
import { heartbeat } from "./heartbeats.ts";
import { isRejoining } from "./join.ts";
import type { Participation } from "./participation.ts";
import { stopHeartbeats } from "./reset.ts";

/** Its own session and the one at the coordinator are equally long, and a commit counts there as a heartbeat does. */
export const beatingOf = (on: Participation): Beating => ({
  api: "Heartbeat",
  interval: setting(on, "heartbeat.interval.ms"),
  ownSession: setting(on, "session.timeout.ms"),
  commitsRenew: true,
  answer: (id) => ({ api: "Heartbeat", id, error: "NONE" }),
});

/** Whether nothing can come of its next heartbeats but that they push its session on, until something touches it. */
export function canRest(on: Participation): boolean {
  const { membership, beats } = on;
  return membership.state === "STABLE" && isIdle(on) && !beats.stuck && beats.failures === 0 && !isRejoining(on);
}

/** Its heartbeats are not simulated from now on: puts its timers away. Told when they are due. */
export function rest(on: Participation, due: RestDue): Rest {
  stopHeartbeats(on);
  const { beats, commitClock, host } = on;
  return {
    next: due.heartbeat,
    nextRequest: beats.count + 1,
    sessionEnds: due.session ?? host.now(),
    nextCommit: commitClock.count + 1,
  };
}

/** They are again: everything is as `sent` heartbeats would have left it. Returns the one that still waits for its reply. */
export function rouse(on: Participation, { sent, heartbeatDue, sessionEnds, waiting }: Roused): Heartbeat | undefined {
  const { host, beats, membership, requests } = on;
  const now = host.now();
  beats.count += sent;
  host.after(heartbeatDue - now, "heartbeat", "");
  host.after(sessionEnds! - now, "session", "");
  if (!waiting) return undefined;
  const { generation, member } = membership;
  const due = waiting.sentAt + setting(on, "request.timeout.ms");
  requests.add({ ...waiting, api: "Heartbeat", due, generation, member });
  const { client, group } = on.options;
  return { ...heartbeat(on, waiting.id), client, group };
}
