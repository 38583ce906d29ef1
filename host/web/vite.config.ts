import { defineConfig } from "vite";

/** Where `vite` finds a server to develop against: `cargo xtask demo`. */
const SERVER = "http://127.0.0.1:8430";

export default defineConfig({
  resolve: {
    // The package is linked: seen at its place in node_modules, it shares this project's React.
    preserveSymlinks: true,
    // Where the package's own development was set up it has a React beside it.
    dedupe: ["react", "react-dom"],
  },
  optimizeDeps: { exclude: ["interaction-processor"] },
  build: {
    target: "es2022",
    // Nothing may stand in a page as `data:` but what the content policy lets: images.
    assetsInlineLimit: 0,
    // Old browsers' polyfill is an inline script.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": { target: SERVER, ws: true, changeOrigin: true } } },
});
