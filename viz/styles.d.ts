/** Vite turns an imported stylesheet into part of the page. */
declare module "*.css";

/** … and an imported worker into a class that starts it. */
declare module "*?worker&inline" {
  const worker: new () => Worker;
  export default worker;
}
