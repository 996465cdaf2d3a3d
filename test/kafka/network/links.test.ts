import { describe, expect, test } from "vitest";
import { MILLISECOND } from "../../../sim/engine/time.ts";
import type { Law } from "../../../sim/engine/variates.ts";
import { Links, type Side, type Trouble } from "../../../sim/kafka/network/links.ts";
import { brokerParty, clientOf, clientParty, CONTROLLER, isClient } from "../../../sim/kafka/network/parties.ts";

const ms = (duration: number): Law => ({ constant: duration * MILLISECOND });

/** Brokers 1 and 2 in zones a and b, clients 0 … 3 alternately in a and b; 0 and 1 of group g, 2 and 3 of group h. */
function world(): Links {
  return new Links(
    {
      delay: ms(1),
      between: [
        { zones: ["a", "b"], delay: ms(30) },
        { zones: ["b", "b"], delay: ms(2) },
      ],
    },
    {
      zoneOf: (party) =>
        party === CONTROLLER ? undefined : isClient(party) ? "ab"[clientOf(party) % 2] : "ab"[party - 1],
      groupOf: (client) => (client < 2 ? "g" : "h"),
    },
  );
}

const cut = (from: Side, to?: Side, oneWay = false): Trouble => ({
  from,
  ...(to && { to }),
  oneWay,
  event: "network#1",
});
const [b1, b2] = [brokerParty(1), brokerParty(2)];
const [c0, c1, c2] = [clientParty(0), clientParty(1), clientParty(2)];

describe("a message's delay", () => {
  test("is that of the zones at its ends, in both directions", () => {
    const links = world();
    expect(links.delay(c0, b1)).toEqual(ms(1));
    expect(links.delay(c0, b2)).toEqual(ms(30));
    expect(links.delay(b2, c0)).toEqual(ms(30));
    expect(links.delay(c1, b2)).toEqual(ms(2));
  });

  test("is the usual one where somebody stands in no zone", () => {
    expect(world().delay(b2, CONTROLLER)).toEqual(ms(1));
  });

  test("is that of the slow link which began last, until it ends", () => {
    const links = world();
    const slow = { ...cut({ group: "g" }, { broker: 1 }), delay: ms(500) };
    const slower = { ...cut({ client: 0 }, undefined, true), delay: ms(900) };
    links.begin(slow);
    links.begin(slower);
    expect(links.delay(c0, b1)).toEqual(ms(900));
    expect(links.delay(b1, c0)).toEqual(ms(500)); // the other way it is not slower
    expect(links.delay(c2, b1)).toEqual(ms(1));
    links.end(slower);
    expect(links.delay(c0, b1)).toEqual(ms(500));
    links.end(slow);
    expect(links.delay(c0, b1)).toEqual(ms(1));
  });
});

describe("a cut", () => {
  test("lets nothing through between its sides, and all else", () => {
    const links = world();
    links.begin(cut({ group: "g" }, { broker: 1 }));
    expect(links.passes(c0, b1)).toBe(false);
    expect(links.passes(b1, c1)).toBe(false);
    expect(links.whole(c0, b2)).toBe(true);
    expect(links.whole(c2, b1)).toBe(true);
    expect(links.cutBy(b1, c0)).toBe("network#1");
    expect(links.cutBy(b1, c2)).toBeUndefined();
  });

  test("one way lets answers through", () => {
    const links = world();
    links.begin(cut({ client: 0 }, { broker: 1 }, true));
    expect(links.passes(c0, b1)).toBe(false);
    expect(links.passes(b1, c0)).toBe(true);
    expect(links.whole(b1, c0)).toBe(false);
  });

  test("of a zone without another side leaves the zone whole within, and alone", () => {
    const links = world();
    links.begin(cut({ zone: "a" }));
    expect(links.whole(c0, b1)).toBe(true);
    expect(links.whole(c1, b2)).toBe(true);
    expect(links.whole(c0, b2)).toBe(false);
    expect(links.whole(b1, b2)).toBe(false);
    expect(links.whole(b1, CONTROLLER)).toBe(false);
    expect(links.whole(b2, CONTROLLER)).toBe(true);
  });

  test("is mended when the last one that concerns a pair has ended", () => {
    const links = world();
    const [first, second] = [cut({ zone: "a" }, { zone: "b" }), cut({ broker: 2 }, { controller: true })];
    const third = cut({ client: 0 });
    for (const trouble of [first, second, third]) links.begin(trouble);
    links.end(first);
    expect(links.whole(c0, b2)).toBe(false);
    expect(links.whole(b1, b2)).toBe(true);
    links.end(third);
    expect(links.whole(c0, b2)).toBe(true);
    expect(links.whole(b2, CONTROLLER)).toBe(false);
  });
});

test("nothing gets to or from a host that is gone, until it is back", () => {
  const links = world();
  links.hostLost(2);
  expect(links.isDark(2)).toBe(true);
  expect(links.passes(c0, b2)).toBe(false);
  expect(links.passes(b2, CONTROLLER)).toBe(false);
  expect(links.whole(c0, b1)).toBe(true);
  links.hostBack(2);
  expect(links.whole(c0, b2)).toBe(true);
});
