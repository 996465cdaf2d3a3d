/**
 * What goes first at one instant. A fixed table, part of the model: a request that arrives in the very microsecond in
 * which a timer ends is served before the timer acts, on both sides; what the cluster decided takes effect before
 * coordinators look at their timers; what applications do comes after what the protocol did; scripted events after that;
 * lag is brought up to date last.
 *
 * Within a class the lower subject goes first: clients and timers in the order in which they came to be, which is the
 * same whether heartbeats are simulated or worked out. Things of the cluster go in the order in which they were begun.
 */
export const ORDER = {
  arrivalAtBroker: 0,
  cluster: 1,
  brokerTimer: 2,
  arrivalAtClient: 3,
  clientTimer: 4,
  application: 5,
  scenario: 6,
  lag: 7,
} as const;
