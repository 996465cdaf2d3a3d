/** Vite turns an imported stylesheet into part of the page. */
declare module "*.css";
