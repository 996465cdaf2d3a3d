import type { Problem } from "../scenario/problem.ts";
import { quoted } from "./failure.ts";

/** Says that there is something to think about, and where to read it. */
export function unwise(scenario: string, set: readonly string[], lints: readonly Problem[]): string {
  const what = lints.length === 1 ? "One thing in this scenario is" : `${lints.length} things in this scenario are`;
  const command = ["regroup", "check", scenario, ...set.flatMap((field) => ["--set", field])].map(quoted).join(" ");
  return `${what} legal but unwise: ${command}`;
}
