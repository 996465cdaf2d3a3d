/**
 * An experiment whose truth is known: a group that is an M/M/∞ queue, begun at its mean. Every departure is a crash, so
 * nobody lingers; its size has the mean λ/μ = 5 at every moment, and so has its average over time (row V2).
 */
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";

export const POPULATION = `
duration: 1m
topics: { orders: { partitions: 1, rate: 10/s } }
groups:
  g:
    topics: [orders]
    members:
      initial: 5
      startup: 0s
      joins: { poisson: 15/m }
      lifetime: { exponential: 20s }
      crashShare: 1
expect: ["final(members) == 0", "mean(members) >= 0"]
`;

export const TRUE_SIZE = 5;

/** G(60 s) is Binomial(5, e⁻³) plus Poisson(5 (1 − e⁻³)): the chance that nobody is left. */
export const TRUE_CHANCE_OF_NOBODY = (1 - Math.exp(-3)) ** 5 * Math.exp(-5 * (1 - Math.exp(-3)));

export const population = (): Scenario => parseScenario(POPULATION, { file: "population.yaml" }).scenario;

/**
 * The same ten times as fast, as settings. How many there are follows the same law at a tenth of the time; but all of it is over
 * before the group has settled its second generation, and simulating those is what a run costs.
 */
export const IN_HASTE = ["duration=6s", "groups.g.members.joins=150/m", "groups.g.members.lifetime.exponential=2s"];

export const hastyPopulation = (): Scenario =>
  parseScenario(POPULATION, { file: "population.yaml", set: IN_HASTE }).scenario;
