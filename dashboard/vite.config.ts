// How the dashboard is built, and how `npm run dev` reaches a running Oriel.
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const ADMIN = 'http://127.0.0.1:9900'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    sourcemap: false,
    // `light-dark()` and `color-mix()` are used as they are.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    // Fonts as data: URIs would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      '/api': { target: ADMIN, changeOrigin: true },
      '/login': { target: ADMIN, changeOrigin: true, bypass: bypassPage },
    },
  },
})

/** Of `/login` only the POST belongs to Oriel: the page is the dashboard's. */
function bypassPage(request: { method?: string | undefined }): string | undefined {
  return request.method === 'GET' ? '/index.html' : undefined
}
