import { describe, expect, test } from "vitest";
import { answer, answered, readQuestion } from "../../sim/kafka/assignors/question.ts";
import { vectors } from "./vectors.ts";

interface Vector {
  readonly id: string;
  readonly expected?: unknown;
  readonly withheld?: unknown;
  readonly error?: string;
}

/** How many vectors there are: a file cut short would otherwise pass. */
const FILES = {
  range: 722,
  roundrobin: 706,
  sticky: 1119,
  "cooperative-sticky": 1094,
  uniform: 858,
  "server-range": 714,
};

/** JSON text, so that the order of members and topics counts as well. */
const told = (assignment: unknown, withheld: unknown, error: unknown): string =>
  JSON.stringify({ assignment, withheld, error });

function differing(lines: readonly Vector[]): string[] {
  return lines
    .filter((line) => {
      const { assignment, withheld, error } = answer(readQuestion(line));
      return told(assignment, withheld, error) !== told(line.expected, line.withheld, line.error);
    })
    .map(({ id }) => id);
}

describe("gives what Kafka's own class gave, partition for partition", () => {
  test.for(Object.entries(FILES))("%s, on all %i vectors", ([name, count]) => {
    const lines = vectors<Vector>(name);
    expect(lines).toHaveLength(count);
    expect(differing(lines)).toEqual([]);
  });

  test("also where Kafka's class assigns wrongly, throws, or never ends", () => {
    const lines = vectors<Vector>("quirks");
    expect(lines).toHaveLength(21);
    expect(differing(lines)).toEqual([]);
  });
});

test("an answered line has all fields of the question, in their order, and then the answer", () => {
  for (const line of vectors<Vector>("cooperative-sticky").slice(0, 50)) {
    const { withheld, ...asked } = line;
    const written = answered(asked, answer(readQuestion(asked)));
    expect(JSON.stringify(written)).toBe(
      JSON.stringify({ ...asked, assignment: line.expected, ...(withheld !== undefined && { withheld }) }),
    );
  }
});
