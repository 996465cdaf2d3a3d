import { describe, expect, test } from "vitest";
import { questionOf, readDescribed } from "../../sim/kafka/assignors/described-group.ts";
import { answer } from "../../sim/kafka/assignors/question.ts";
import { changed } from "../../sim/kafka/assignors/what-if.ts";

/** As `kafka-consumer-groups.sh --describe --group billing` prints it: c-3 is idle, orders-3 has no owner. */
const OFFSETS = `
GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
billing         orders          0          10              15              5               c-1-8f6e        /127.0.0.1      c-1
billing         orders          1          12              12              0               c-1-8f6e        /127.0.0.1      c-1
billing         orders          2          -               7               -               c-2-01ab        /127.0.0.1      c-2
billing         orders          3          4               9               5               -               -               -
billing         -               -          -               -               -               c-3-77cd        /127.0.0.1      c-3
`;

/** `--describe --members --verbose` of release 4: one of the members has no instance id, so its cell is empty. */
const MEMBERS = `
GROUP           CONSUMER-ID     GROUP-INSTANCE-ID HOST            CLIENT-ID       #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   
billing         c-1-8f6e        i-1               /127.0.0.1      c-1             2               -               orders:0,1;returns:0 -               -                   
billing         c-2-01ab                          /127.0.0.1      c-2             1               -               orders:2             -               -                   
billing         c-3-77cd        i-3               /127.0.0.1      c-3             0               -               -                    -               -                   
`;

/** The same of release 2: one column of lists with blanks in them. */
const OLD_MEMBERS = `
GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     ASSIGNMENT
billing         c-1-8f6e        /127.0.0.1      c-1             3               orders(0,1), returns(0)
billing         c-2-01ab        /127.0.0.1      c-2             1               orders(2)
billing         c-3-77cd        /127.0.0.1      c-3             0               -
`;

const STATE = `
GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS
billing         localhost:9092  (1)       cooperative-sticky   Stable               3
`;

describe("what kafka-consumer-groups.sh prints", () => {
  test("--describe: who owns what, the lags, and members without partitions", () => {
    const [{ group, members, topics, assignor }] = readDescribed(OFFSETS);
    expect(group).toBe("billing");
    expect(assignor).toBeUndefined();
    expect(members).toEqual([
      { id: "c-1-8f6e", owned: { orders: [0, 1] } },
      { id: "c-2-01ab", owned: { orders: [2] } },
      { id: "c-3-77cd", owned: {} },
    ]);
    expect([...topics]).toEqual([["orders", { partitions: 4, lag: [5, 0, 0, 5] }]]);
  });

  test("--members --verbose, of release 4", () => {
    expect(readDescribed(MEMBERS)[0].members).toEqual([
      { id: "c-1-8f6e", instanceId: "i-1", owned: { orders: [0, 1], returns: [0] } },
      { id: "c-2-01ab", owned: { orders: [2] } },
      { id: "c-3-77cd", instanceId: "i-3", owned: {} },
    ]);
  });

  test("--members --verbose, of releases before", () => {
    expect(readDescribed(OLD_MEMBERS)[0].members).toEqual([
      { id: "c-1-8f6e", owned: { orders: [0, 1], returns: [0] } },
      { id: "c-2-01ab", owned: { orders: [2] } },
      { id: "c-3-77cd", owned: {} },
    ]);
  });

  test("all of them one after the other make one group, with its assignor", () => {
    const groups = readDescribed(`${OFFSETS}\n${MEMBERS}\n${STATE}`);
    expect(groups).toHaveLength(1);
    expect(groups[0].assignor).toBe("cooperative-sticky");
    expect(groups[0].members[0]).toEqual({
      id: "c-1-8f6e",
      instanceId: "i-1",
      owned: { orders: [0, 1], returns: [0] },
    });
    expect([...groups[0].topics.keys()]).toEqual(["orders", "returns"]);
  });

  test("the remarks around the tables are passed over", () => {
    const text = `\nConsumer group 'other' has no active members.\n${OFFSETS}\nWarning: Consumer group 'billing' is rebalancing.\n`;
    expect(readDescribed(text)).toEqual(readDescribed(OFFSETS));
    expect(readDescribed("\nConsumer group 'other' has no active members.\n")).toEqual([]);
  });

  test("every partition may print without blanks at the ends of lines, or with Windows' line ends", () => {
    expect(readDescribed(MEMBERS.replace(/ +$/gm, ""))).toEqual(readDescribed(MEMBERS));
    expect(readDescribed(OFFSETS.replaceAll("\n", "\r\n"))).toEqual(readDescribed(OFFSETS));
  });
});

describe("what would happen", () => {
  const question = questionOf(readDescribed(OFFSETS)[0], "sticky");

  test("nothing changes: sticky fills up the idle member with what nobody has", () => {
    expect(answer(question).assignment).toEqual({
      "c-1-8f6e": { orders: [0, 1] },
      "c-2-01ab": { orders: [2] },
      "c-3-77cd": { orders: [3] },
    });
  });

  test("one leaves and two come: the leaver's partitions go to those without", () => {
    const { assignment } = answer(changed(question, { leave: ["c-2-01ab"], join: 2 }));
    expect(Object.keys(assignment!)).toEqual(["c-1-8f6e", "c-3-77cd", "new-1", "new-2"]);
    expect(Object.values(assignment!).map(({ orders }) => orders.length)).toEqual([1, 1, 1, 1]);
    expect(assignment!["c-1-8f6e"]).toEqual({ orders: [0] });
  });

  test("one leaves that is not there: an error that names it", () => {
    expect(() => changed(question, { leave: ["c-9"], join: 0 })).toThrow('there is no member "c-9"');
  });

  test("a group without members has nothing to be asked", () => {
    const [group] = readDescribed(OFFSETS.replaceAll(/c-\d-\w+ /g, "-        "));
    expect(() => questionOf(group, "range")).toThrow("group billing has no active members");
  });
});
