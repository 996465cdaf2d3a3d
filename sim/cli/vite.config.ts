import { defineConfig } from "vite";

/** The command line and the library, as bundles with its dependencies inside: a cold start of a tenth of a second. */
export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  // The queue is an option: its packages are there or not.
  ssr: { noExternal: true, external: ["bullmq", "ioredis"] },
  build: {
    ssr: true,
    outDir: "dist/cli",
    emptyOutDir: true,
    target: "node20",
    minify: false,
    rollupOptions: {
      input: { main: "sim/cli/main.ts", lib: "sim/index.ts", worker: "sim/executors/worker.ts" },
      output: { entryFileNames: "[name].js", chunkFileNames: "chunks/[name]-[hash].js" },
    },
  },
});
