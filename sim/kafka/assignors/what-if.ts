import type { MemberId } from "../../names.ts";
import type { Subscriber } from "./assignor.ts";
import { type Question, QuestionError } from "./question.ts";

/** Who leaves the group and how many come. */
export interface Change {
  /** Member ids, or instance ids. */
  readonly leave: readonly string[];
  readonly join: number;
}

/**
 * The same question after some members left and others came, who own nothing and subscribe to what most members do.
 *
 * @throws {QuestionError} if one that should leave is not there.
 */
export function changed(question: Question, { leave, join }: Change): Question {
  if (leave.length === 0 && join === 0) return question;
  const leaving = new Set<MemberId>();
  for (const name of leave) {
    const found = question.subscribers.filter(({ id, instanceId }) => id === name || instanceId === name);
    if (found.length === 0) throw new QuestionError(`there is no member ${JSON.stringify(name)} that could leave`);
    for (const { id } of found) leaving.add(id);
  }
  const staying = question.subscribers.filter(({ id }) => !leaving.has(id));
  return { ...question, subscribers: [...staying, ...newcomers(question.subscribers, join)] };
}

function newcomers(subscribers: readonly Subscriber[], count: number): Subscriber[] {
  const taken = new Set(subscribers.map(({ id }) => id));
  const topics = mostCommon(subscribers.map((subscriber) => subscriber.topics));
  const added: Subscriber[] = [];
  for (let number = 1; added.length < count; number++) {
    if (!taken.has(`new-${number}`)) added.push({ id: `new-${number}`, topics });
  }
  return added;
}

function mostCommon(lists: readonly (readonly string[])[]): readonly string[] {
  const counts = new Map<string, number>();
  let best: readonly string[] = [];
  for (const list of lists) {
    const key = JSON.stringify(list);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (counts.get(key)! > (counts.get(JSON.stringify(best)) ?? 0)) best = list;
  }
  return best;
}
