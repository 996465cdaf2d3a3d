/**
 * What goes first at one instant. A fixed table, part of the model: a request that arrives in the very microsecond in
 * which a timer ends is served before the timer acts, on both sides; what applications do comes after what the
 * protocol did; scripted events after that; lag is brought up to date last.
 */
export const ORDER = {
  arrivalAtBroker: 0,
  brokerTimer: 1,
  arrivalAtClient: 2,
  clientTimer: 3,
  application: 4,
  scenario: 5,
  lag: 6,
} as const;
