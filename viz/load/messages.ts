import type { RunOrder } from "./simulated.ts";
import type { LagCurves, Picture } from "./picture.ts";

/** What the page asks of the worker. */
export type Question =
  | { readonly ask: "load"; readonly source: Blob | string; readonly file: string }
  | { readonly ask: "simulate"; readonly order: RunOrder }
  | {
      readonly ask: "lag";
      readonly group: number;
      readonly from: number;
      readonly to: number;
      readonly count: number;
    };

/** What the worker tells the page. */
export type Answer =
  | { readonly tell: "progress"; readonly share: number }
  | { readonly tell: "picture"; readonly picture: Picture }
  | { readonly tell: "failure"; readonly problem: string }
  | { readonly tell: "lag"; readonly group: number; readonly curves: LagCurves };
