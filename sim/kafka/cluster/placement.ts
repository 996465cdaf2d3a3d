import type { BrokerId } from "../../names.ts";

/**
 * The brokers that get a copy of a partition, in order of preference: the first copies go round the brokers one by one,
 * the others follow at a distance that grows by one with each round. So when a broker dies, what it led is spread over
 * the others. Zones that have no copy yet come before those that have. Kafka's placement, but for where it begins: there
 * at a broker of its choice, here always at broker 1, so that whoever writes a scenario knows who leads what. Kafka:
 * `AdminUtils.assignReplicasToBrokers`.
 *
 *     3 brokers, 3 copies: partition 0 on 1 2 3, 1 on 2 3 1, 2 on 3 1 2, then 3 on 1 3 2, 4 on 2 1 3, 5 on 3 2 1
 *
 * @param zones The zone of every broker, in order; `undefined` for none.
 */
export function placeReplicas(partition: number, copies: number, zones: readonly (string | undefined)[]): BrokerId[] {
  const brokers = zones.length;
  const first = partition % brokers;
  const round = Math.floor(partition / brokers);
  const chosen = [first];
  const choose = (fits: (broker: number) => boolean): void => {
    for (let place = 0; place < brokers - 1 && chosen.length < copies; place++) {
      const broker = (first + 1 + ((round + place) % (brokers - 1))) % brokers;
      if (!chosen.includes(broker) && fits(broker)) chosen.push(broker);
    }
  };
  if (zones[first] !== undefined) choose((broker) => chosen.every((other) => zones[other] !== zones[broker]));
  choose(() => true);
  return chosen.map((broker) => broker + 1);
}
