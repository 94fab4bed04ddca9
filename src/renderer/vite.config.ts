import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The window alone, without the shells: `npx vite build src/renderer`. The same settings as in electron.vite.config.ts. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    target: 'chrome114',
    outDir: '../../out/renderer',
    emptyOutDir: true,
    // Inlined images and modulepreload helpers would ask for more than the page's content security policy grants.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
