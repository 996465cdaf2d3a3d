import { type Duration, wholeMicroseconds } from "../../engine/time.ts";

/** What makes an assignment dear to compute. */
export interface AssignmentSize {
  readonly members: number;
  /** Of all subscribed topics together. */
  readonly partitions: number;
  readonly topics: number;
  /** Nobody owns anything yet. */
  readonly fresh: boolean;
  /** Whether all members subscribe to the same topics; default true. */
  readonly sameTopics?: boolean;
  /** Of a group whose subscriptions differ: somebody came who owns nothing. For the sticky pair that is the dear case. */
  readonly newcomer?: boolean;
}

/** Whose program computes: Kafka's Java classes, or nobody's (computing takes no time). */
export type AssigningClient = "java" | "none";

/**
 * Microseconds = a · members + b · partitions + c · members × topics; for the sticky pair's general path the last is
 * c · partitions² × members / 10⁶, since it looks through everything before every partition.
 */
type Fit = readonly [a: number, b: number, c: number];

interface Fits {
  readonly same: { readonly fresh: Fit; readonly again: Fit };
  readonly different: { readonly fresh: Fit; readonly again: Fit; readonly newcomer: Fit };
  readonly quadratic: boolean;
}

/**
 * Fitted to the medians that Kafka 4.0's classes took on OpenJDK 17, one core of an AMD EPYC, when warm: 100, 1,000 and
 * 2,000 members with ten partitions each, in 1 and 100 topics. The largest factor by which a fit misses a figure was
 * made as small as it would go. It is
 *
 *                          same topics         different topics
 *                          fresh     again     fresh     again     newcomer
 *     range                1.8       1.3       2.3       2.3
 *     roundrobin           1.6       1.4       1.3       1.3
 *     sticky               1.5       1.3       5.9       1.5       6.2
 *     cooperative-sticky   1.1       1.3       5.4       1.6       6.0
 *     server-range         1.5       1.1       2.3       2.1
 *     uniform              1.4       1.4       2.0       2.2
 *
 * The sticky pair's general path cannot be told from the sizes alone: it costs what the imbalance costs, up to ten
 * times more where subscriptions overlap than where a single member differs. And all are warm figures: the first call
 * of a real leader takes up to three times as long.
 */
const JAVA: Readonly<Record<string, Fits>> = {
  range: {
    same: { fresh: [0, 0.0884, 0.158], again: [0, 0.0565, 0.113] },
    different: { fresh: [0.0444, 0.642, 0], again: [0, 0.605, 0.00236], newcomer: [0, 0.605, 0.00236] },
    quadratic: false,
  },
  roundrobin: {
    same: { fresh: [0, 0.0435, 0.0556], again: [0.366, 0, 0.0559] },
    different: { fresh: [0, 0, 0.0414], again: [0, 0.0114, 0.0412], newcomer: [0, 0.0114, 0.0412] },
    quadratic: false,
  },
  sticky: {
    same: { fresh: [0.63, 0, 0.0136], again: [0, 0.309, 0.0264] },
    different: { fresh: [45, 0, 0.0863], again: [9.95, 0.011, 0], newcomer: [0, 7.69, 2.81] },
    quadratic: true,
  },
  "cooperative-sticky": {
    same: { fresh: [0.312, 0.0126, 0.0178], again: [0, 0.205, 0.0279] },
    different: { fresh: [0, 3.14, 0.142], again: [8.6, 0.011, 0], newcomer: [0, 7.25, 2.72] },
    quadratic: true,
  },
  "server-range": {
    same: { fresh: [0, 0.0104, 0.00533], again: [0, 0.0139, 0.00294] },
    different: { fresh: [2.1, 0, 0.000211], again: [0, 0.182, 0], newcomer: [0, 0.182, 0] },
    quadratic: false,
  },
  uniform: {
    same: { fresh: [0, 0.0349, 0], again: [0, 0.0249, 0] },
    different: { fresh: [0, 0.34, 0.000841], again: [0, 0.342, 0], newcomer: [0, 0.342, 0] },
    quadratic: false,
  },
};

/**
 * How long a leader (or broker) computes an assignment. Assignors that Kafka does not have count as `roundrobin`, which
 * they resemble in effort.
 */
export function assignmentCost(assignor: string, client: AssigningClient, size: AssignmentSize): Duration {
  if (client === "none") return 0;
  const { members, partitions, topics, fresh, sameTopics = true, newcomer = false } = size;
  const fits = JAVA[assignor] ?? JAVA.roundrobin;
  const ofKind = sameTopics ? fits.same : fits.different;
  const again = sameTopics || !newcomer ? ofKind.again : fits.different.newcomer;
  const [a, b, c] = fresh ? ofKind.fresh : again;
  const steep = !sameTopics && fits.quadratic && (fresh || newcomer);
  const last = steep ? (partitions * partitions * members) / 1e6 : members * topics;
  return wholeMicroseconds(a * members + b * partitions + c * last);
}
