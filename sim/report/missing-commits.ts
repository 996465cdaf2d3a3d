import type { GroupId } from "../names.ts";
import { counted } from "./humane.ts";

/** What figures about commits say of groups whose commits of each batch are not among them (`uncountedCommits`). */
export function missingCommits(groups: readonly GroupId[]): readonly string[] {
  const [first, ...others] = groups;
  if (first === undefined) return [];
  const whose = others.length > 0 ? counted(groups.length, "group") : first;
  return [`commits of each batch are not in it while ${whose} keep${others.length > 0 ? "" : "s"} up (flow: fluid)`];
}
