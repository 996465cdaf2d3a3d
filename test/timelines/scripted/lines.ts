import type { GroupReply } from "../../../sim/kafka/messages.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { partitionNames } from "../../../sim/trace/text.ts";

const TOLD: readonly string[] = ["removed", "replaced", "away"];

/** Whether this adds something to what the replies say: who is given an id or a seat is told so himself. */
export function isTold(happening: Happening): boolean {
  return happening.type !== "group.member" || TOLD.includes(happening.change);
}

/** What a reply says besides its error; its own name first, unless it is a heartbeat's. */
export function detailsOf(reply: GroupReply): string {
  return [!reply.api.endsWith("Heartbeat") && reply.api, ...contentOf(reply)].filter(Boolean).join(", ");
}

function contentOf(reply: GroupReply): readonly string[] {
  switch (reply.api) {
    case "JoinGroup": {
      if (reply.error === "MEMBER_ID_REQUIRED") return [`id ${reply.member}`];
      if (reply.error !== "NONE") return [];
      const { generation, member, leader, protocolName, members, skipAssignment } = reply;
      const details = [`generation ${generation}`, `id ${member}`, `leader ${leader}`, `${protocolName}`];
      if (members.length > 0) details.push(`members ${members.map(({ id }) => id).join(" ")}`);
      if (skipAssignment) details.push("skip assignment");
      return details;
    }
    case "SyncGroup":
      if (reply.error !== "NONE") return [];
      return [reply.assignment ? partitionNames(reply.assignment) : "empty bytes"];
    case "ConsumerGroupHeartbeat": {
      if (reply.error !== "NONE") return [];
      const { epoch, assignment } = reply;
      return [`epoch ${epoch}`, ...(assignment ? [`may use ${partitionNames(assignment)}`] : [])];
    }
    case "LeaveGroup":
      return reply.members.map(({ member, instance, error }) => `${instance ?? member} ${error}`);
    case "OffsetFetch":
      return Object.entries(reply.offsets).flatMap(([topic, offsets]) =>
        Object.entries(offsets).map(([number, offset]) => `${topic}-${number}=${offset}`),
      );
    default:
      return [];
  }
}
