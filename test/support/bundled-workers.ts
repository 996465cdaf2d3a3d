import path from "node:path";
import { build, type Plugin } from "vite";

const INLINE = "?worker&inline";
const BUNDLED = "\0bundled:";

/**
 * Has the page's workers in one piece, as it ships them. The development server would let each worker of each page that a test
 * opens fetch a few hundred modules, one by one.
 */
export function bundledWorkers(): Plugin {
  return {
    name: "bundled-workers",
    enforce: "pre",
    resolveId(source, importer) {
      if (!source.endsWith(INLINE) || importer === undefined) return null;
      return BUNDLED + path.resolve(path.dirname(importer), source.slice(0, -INLINE.length));
    },
    async load(id) {
      if (!id.startsWith(BUNDLED)) return null;
      const script = JSON.stringify(await bundled(id.slice(BUNDLED.length)));
      return `
        const script = URL.createObjectURL(new Blob([${script}], { type: "text/javascript" }));
        export default function () { return new Worker(script); }`;
    },
  };
}

/** One script, to be run by a classic worker, as `viz/vite.config.ts` asks for. */
async function bundled(entry: string): Promise<string> {
  const lib = { entry, formats: ["iife" as const], name: "worker" };
  const built = await build({ configFile: false, logLevel: "warn", build: { write: false, minify: false, lib } });
  if (!Array.isArray(built) || built[0].output.length !== 1) throw new Error(`${entry} is not in one piece`);
  return built[0].output[0].code;
}
