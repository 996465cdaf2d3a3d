/** A scenario that touches every source of chance: arrivals, lifetimes, crashes, slow batches, delays, broker failures. */
export const STORMY = `
name: stormy
duration: 20m
cluster:
  brokers: 3
  network:
    delay: { lognormal: { median: 0.5ms, p99: 5ms } }
    between: [{ zones: [north, south], delay: { uniform: [5ms, 20ms] } }]
topics:
  orders:
    partitions: 24
    rate: 3000/s
    skew: { zipf: 0.6 }
    bursts: { every: { exponential: 4m }, lasts: { uniform: [5s, 20s] }, rate: 1500/s }
    config: { retention.bytes: 4000000, segment.bytes: 500000 }
    producers:
      instances: 4
      joins: { poisson: 20/h }
      lifetime: { exponential: 10m }
      crashShare: 0.5
      takeover: { uniform: [1s, 9s] }
      config: { enable.idempotence: false, buffer.memory: 100000 }
  returns: { partitions: 6, rate: 100/s }
  refunds: { partitions: 5, rate: 200/s }
groups:
  billing:
    topics: [orders, returns]
    config: { session.timeout.ms: 10000, max.poll.interval.ms: 30000, partition.assignment.strategy: [roundrobin] }
    members:
      initial: 6
      capacity: 900/s
      zones: [north, south]
      joins: { poisson: 20/h }
      lifetime: { weibull: { scale: 20m, shape: 1.5 } }
      crashShare: 0.4
      startup: { lognormal: { median: 4s, p95: 9s } }
      slowBatches: { every: { exponential: 5m }, lasts: { pareto: { minimum: 5s, shape: 1.3 } } }
  audit:
    topics: [orders]
    config: { partition.assignment.strategy: [range] }
    members: { initial: 3, capacity: 2000/s }
events:
  - { at: 4m, grow: orders, to: 30 }
  - { at: 5m, create: refunds }
  - { at: 6m, crash: { broker: coordinator of billing } }
  - { at: 7m, subscribe: audit, topics: [orders, refunds] }
  - { at: 7m, producers: orders, crash: 2 }
  - { at: 8m, cut: { from: { client: audit-1 }, to: { broker: coordinator of audit } }, for: 40s }
  - { at: 9m, slow: { from: { zone: north } }, delay: { exponential: 300ms }, for: 2m }
  - { at: 10m, cut: { from: { group: billing } }, oneWay: true, for: 1s }
  - { at: 12m, roll: audit, maxUnavailable: 1 }
  - { at: 13m, delete: returns }
  - { at: 15m, restart: { broker: coordinator of audit } }
  - { at: 17m, crash: { broker: coordinator of audit }, silent: true }
`;

/** The same, and a group that speaks the consumer protocol. */
export const STORMY_IN_BOTH_PROTOCOLS = STORMY.replace(
  "events:\n",
  `  ledger:
    topics: [orders, returns, refunds]
    config: { group.protocol: consumer, max.poll.interval.ms: 30000 }
    members:
      initial: 4
      capacity: 1500/s
      zones: [south, north]
      joins: { poisson: 15/h }
      lifetime: { exponential: 12m }
      crashShare: 0.4
      slowBatches: { every: { exponential: 6m }, lasts: { uniform: [5s, 50s] } }
events:
  - { at: 11m, roll: ledger, maxUnavailable: 1 }
`,
);
