import type { BrokerId } from "../../names.ts";

/**
 * The brokers that get a copy of a partition, in order of preference: the first copies go round the brokers one by one,
 * the others follow at a distance that grows by one with each round. So when a broker dies, what it led is spread over
 * the others. Kafka's placement, but for where it begins: there at a broker of its choice, here always at broker 1, so
 * that whoever writes a scenario knows who leads what. Kafka: `AdminUtils.assignReplicasToBrokers`.
 *
 *     3 brokers, 3 copies: partition 0 on 1 2 3, 1 on 2 3 1, 2 on 3 1 2, then 3 on 1 3 2, 4 on 2 1 3, 5 on 3 2 1
 */
export function placeReplicas(partition: number, copies: number, brokers: number): BrokerId[] {
  const first = partition % brokers;
  const round = Math.floor(partition / brokers);
  return Array.from({ length: Math.min(copies, brokers) }, (_, copy) => {
    if (copy === 0) return first + 1;
    const distance = 1 + ((round + copy - 1) % (brokers - 1));
    return ((first + distance) % brokers) + 1;
  });
}
