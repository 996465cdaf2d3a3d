import type { GroupId } from "../names.ts";
import type { TraceHeader } from "../trace/event.ts";
import { isOfSingleRecords } from "./overload.ts";

/** As much of a scenario as it takes, as far as the header of a trace has one. */
interface Committing {
  readonly groups?: readonly {
    readonly id: GroupId;
    readonly zookeeperConfig?: unknown;
    readonly members?: { readonly commit?: string; readonly batch?: unknown };
  }[];
}

const EACH_BATCH: ReadonlySet<unknown> = new Set(["sync", "async", "before-processing"]);

/**
 * Groups whose members commit each batch, and of whose commits only some are counted. In the fluid a member that keeps up has
 * batches too short to be events, unless they were given a length: it has always just committed, which is no request that
 * could be counted. Who commits to ZooKeeper asks no broker.
 */
export function uncountedCommits(header: TraceHeader): readonly GroupId[] {
  if (isOfSingleRecords(header)) return [];
  const { groups = [] } = (header.scenario ?? {}) as Committing;
  return groups
    .filter(({ members, zookeeperConfig }) => EACH_BATCH.has(members?.commit) && !members?.batch && !zookeeperConfig)
    .map(({ id }) => id);
}
