import { defineConfig } from "vite";

/** The page, served by `regroup view` from dist/web. */
export default defineConfig({
  root: new URL(".", import.meta.url).pathname,
  base: "./",
  build: { outDir: "../dist/web", emptyOutDir: true, target: "es2023" },
  // A classic worker also starts in a page that is a file.
  worker: { format: "iife" },
});
