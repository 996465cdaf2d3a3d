/** The one generator of seedrandom that is used here, without the package's entry and so without Node's `crypto`. */
declare module "seedrandom/lib/tychei.js" {
  interface Generator {
    (): number;
    double(): number;
    int32(): number;
  }
  export default function tychei(seed: string): Generator;
}
