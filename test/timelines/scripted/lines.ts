import type { Instant } from "../../../sim/engine/time.ts";
import { formatDuration, formatInstant } from "../../../sim/engine/time.ts";
import type { Partitions } from "../../../sim/names.ts";
import type { GroupReply } from "../../../sim/kafka/messages.ts";
import type { Happening } from "../../../sim/trace/event.ts";

/** One line of an answer: when, who, what, and what else is to be said. */
export function line(t: Instant, subject: string, text: string, detail = ""): string {
  return `${formatInstant(t).padStart(9)}  ${subject.padEnd(8)} ${text.padEnd(42)} ${detail}`.trimEnd() + "\n";
}

/** The text and the detail of what a coordinator wrote down; nothing for what its replies say already. */
export function ofHappening(
  happening: Happening,
): readonly [subject: string, text: string, detail: string] | undefined {
  switch (happening.type) {
    case "group.state": {
      const { from, to, reason, member, generation } = happening;
      return ["group", `${from} → ${to}`, `${words(reason)}${member ? ` ${member}` : ""}, generation ${generation}`];
    }
    case "group.window": {
      const { kind, delay, remaining } = happening;
      const what = {
        initial: "initial delay",
        extended: "initial delay extended by",
        barrier: "barrier",
        rearmed: "barrier again",
      };
      const left = remaining === undefined ? "" : `${formatDuration(remaining)} left for extension`;
      return ["group", `${what[kind]} ${formatDuration(delay)}`, left];
    }
    case "group.join-complete": {
      const { how, waited, slowest, evicted, absent, generation, members } = happening;
      const details = [words(how), `after ${formatDuration(waited)}`];
      if (slowest) details.push(`last ${slowest}`);
      if (evicted.length > 0) details.push(`evicted ${evicted.join(" ")}`);
      if (absent.length > 0) details.push(`absent ${absent.join(" ")}`);
      return ["group", `generation ${generation} of ${members}`, details.join(", ")];
    }
    case "group.leader":
      return ["group", `leader ${happening.from ?? "nobody"} → ${happening.to ?? "nobody"}`, words(happening.reason)];
    case "group.member": {
      const { change, member, reason, instance } = happening;
      if (change === "removed") return ["group", `removed ${member}`, words(reason)];
      return change === "replaced" ? ["group", `replaced ${instance}, now ${member}`, words(reason)] : undefined;
    }
    case "request.dropped":
      return [happening.client, `${happening.api} will never be answered`, words(happening.reason)];
    default:
      return undefined;
  }
}

const words = (reason: string): string => reason.replaceAll("-", " ");

export function ofReply(reply: GroupReply): readonly [text: string, detail: string] {
  return [`← ${reply.api} ${reply.error}`, detailsOf(reply)];
}

function detailsOf(reply: GroupReply): string {
  switch (reply.api) {
    case "JoinGroup": {
      if (reply.error === "MEMBER_ID_REQUIRED") return `id ${reply.member}`;
      if (reply.error !== "NONE") return "";
      const { generation, member, leader, protocolName, members, skipAssignment } = reply;
      const details = [`generation ${generation}`, `id ${member}`, `leader ${leader}`, `${protocolName}`];
      if (members.length > 0) details.push(`members ${members.map(({ id }) => id).join(" ")}`);
      if (skipAssignment) details.push("skip assignment");
      return details.join(", ");
    }
    case "SyncGroup":
      if (reply.error !== "NONE") return "";
      return reply.assignment ? ofPartitions(reply.assignment) : "empty bytes";
    case "LeaveGroup":
      return reply.members.map(({ member, instance, error }) => `${instance ?? member} ${error}`).join(", ");
    case "OffsetFetch":
      return Object.entries(reply.offsets)
        .flatMap(([topic, offsets]) =>
          Object.entries(offsets).map(([number, offset]) => `${topic}-${number}=${offset}`),
        )
        .join(" ");
    default:
      return "";
  }
}

export function ofPartitions(partitions: Partitions): string {
  const names = Object.entries(partitions).flatMap(([topic, numbers]) => numbers.map((number) => `${topic}-${number}`));
  return names.length > 0 ? names.join(" ") : "nothing";
}
