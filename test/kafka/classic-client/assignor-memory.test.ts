import { describe, expect, test } from "vitest";
import { AssignorMemory, subscriberOf } from "../../../sim/kafka/protocols/classic/member/assignor-memory.ts";

const OWNED = { orders: [0, 2], returns: [1] };
const subscription = { topics: ["orders"], owned: {}, generation: -1 };

describe("sticky", () => {
  test("says nothing before it was ever assigned anything (StickyAssignor.subscriptionUserData: null)", () => {
    expect(new AssignorMemory().userData("sticky")).toBeUndefined();
  });

  test("tells the next leader what it had, because an eager member owns nothing when it joins", () => {
    const memory = new AssignorMemory();
    memory.assigned("sticky", OWNED, 7);
    const userData = memory.userData("sticky");
    const member = { id: "a-1", metadata: { ...subscription, ...(userData && { userData }) } };
    expect(subscriberOf("sticky", member)).toEqual({
      id: "a-1",
      topics: ["orders"],
      owned: OWNED,
      generation: 7,
      subscriptionGeneration: -1,
    });
  });

  test("does not hear of generations in which another assignor was chosen", () => {
    const memory = new AssignorMemory();
    memory.assigned("sticky", OWNED, 7);
    memory.assigned("range", { orders: [3] }, 8);
    expect(JSON.parse(memory.userData("sticky")!)).toEqual({ owned: OWNED, generation: 7 });
  });

  test("has no claims without user data", () => {
    const subscriber = subscriberOf("sticky", { id: "a-1", metadata: subscription });
    expect(subscriber).not.toHaveProperty("owned");
    expect(subscriber).not.toHaveProperty("generation");
  });
});

test("cooperative-sticky: what is owned is a field of the subscription, user data only repeats the generation", () => {
  const memory = new AssignorMemory();
  expect(memory.userData("cooperative-sticky")).toBe("-1");
  memory.assigned("cooperative-sticky", OWNED, 7);
  const metadata = { ...subscription, owned: OWNED, generation: -1, userData: memory.userData("cooperative-sticky")! };
  expect(subscriberOf("cooperative-sticky", { id: "a-1", metadata })).toEqual({
    id: "a-1",
    topics: ["orders"],
    owned: OWNED,
    generation: -1,
    userDataGeneration: 7,
  });
});

test.for(["range", "roundrobin"])("%s has no user data", (name) => {
  const memory = new AssignorMemory();
  memory.assigned(name, OWNED, 7);
  expect(memory.userData(name)).toBeUndefined();
});
