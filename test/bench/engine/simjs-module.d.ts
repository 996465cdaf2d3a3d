/** A script without types; `simjs.ts` says what it uses of it. */
declare module "simjs";
