import { expect, test } from "vitest";
import { ASSIGNOR_NAMES } from "../../../sim/kafka/assignors/assignors.ts";
import { styleOf } from "../../../sim/kafka/protocols/classic/member/rebalance-style.ts";

const KAFKAS = ["range", "roundrobin", "sticky", "cooperative-sticky"];

/** Every list of up to three of Kafka's assignors, in every order. */
const LISTS: readonly (readonly string[])[] = KAFKAS.flatMap((a) => [
  [a],
  ...KAFKAS.filter((b) => b !== a).flatMap((b) => [
    [a, b],
    ...KAFKAS.filter((c) => c !== a && c !== b).map((c) => [a, b, c]),
  ]),
]);

const named = (names: readonly string[]) => names.map((name) => ({ name }));

test("knows Kafka's assignors by their names", () => {
  expect(ASSIGNOR_NAMES).toEqual(expect.arrayContaining(KAFKAS));
});

test.for(LISTS)("%s: cooperative only if every assignor is", (list) => {
  const cooperative = list.every((name) => name === "cooperative-sticky");
  expect(styleOf(named(list)).protocol).toBe(cooperative ? "COOPERATIVE" : "EAGER");
});

test("refuses assignors that have no protocol in common", () => {
  const homeMade = { name: "home-made", protocols: ["COOPERATIVE"] } as const;
  expect(() => styleOf([homeMade, { name: "range" }])).toThrow("home-made, range");
  expect(styleOf([homeMade, { name: "cooperative-sticky" }]).protocol).toBe("COOPERATIVE");
});
