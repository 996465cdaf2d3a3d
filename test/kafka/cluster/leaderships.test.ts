import { expect, test } from "vitest";
import { Leaderships } from "../../../sim/kafka/cluster/leaderships.ts";

/** Three brokers with a topic that gives each of them so many partitions to lead, and a way to have others lead some. */
function led(each: number) {
  const away = new Set<number>();
  const leaderships = new Leaderships({
    zones: [undefined, undefined, undefined],
    unclean: false,
    mayLead: (broker) => !away.has(broker),
    copies: () => true,
    decided: () => undefined,
    fewerCount: () => undefined,
    fallsBehind: () => undefined,
    leadsUnclean: () => undefined,
  });
  leaderships.place("orders", 3 * each, 3);
  leaderships.elect("initial");
  const elsewhere = (): number =>
    [...leaderships.all()].filter(({ leader, replicas }) => leader !== replicas[0]).length;
  return {
    leaderships,
    elsewhere,
    /** One more partition for each broker; that of broker 3 is led by another, which is the only one that there is then. */
    grow(topic: string): void {
      away.add(3);
      leaderships.place(topic, 3, 3);
      leaderships.elect("created");
      away.delete(3);
      leaderships.complete(3);
    },
  };
}

// Kafka: `KafkaController.checkAndTriggerAutoLeaderRebalance`, `imbalanceRatio > leaderImbalancePerBrokerPercentage / 100`.
test("with ZooKeeper ten in a hundred of a broker's partitions may stay with others, and no more", () => {
  const ten = led(9);
  ten.grow("returns");
  expect(ten.elsewhere()).toBe(1); // of 10
  ten.leaderships.prefer(10);
  expect(ten.elsewhere()).toBe(1);
  ten.grow("refunds");
  expect(ten.elsewhere()).toBe(2); // of 11
  ten.leaderships.prefer(10);
  expect(ten.elsewhere()).toBe(0);
});

test("in KRaft any that can be is given back", () => {
  const ten = led(9);
  ten.grow("returns");
  ten.leaderships.prefer(0);
  expect(ten.elsewhere()).toBe(0);
});
