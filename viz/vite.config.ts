import { defineConfig } from "vite";

/** The page, served by `regroup view` from dist/web. */
export default defineConfig({
  root: new URL(".", import.meta.url).pathname,
  base: "./",
  // One file of scripts, the simulator in it included, so that the page can be a file by itself.
  build: { outDir: "../dist/web", emptyOutDir: true, target: "es2023", chunkSizeWarningLimit: 2000 },
  // A classic worker also starts in a page that is a file.
  worker: { format: "iife" },
});
