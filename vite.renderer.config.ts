import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the page may do. Both shells send it as a header too; in the page it also holds when a file is opened directly. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function contentSecurityPolicy(): Plugin {
  return {
    name: 'keyhold:content-security-policy',
    // The development server injects an inline script for hot reloading, which the policy would refuse.
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

export default defineConfig({
  root: at('./src/renderer'),
  base: './',
  publicDir: at('./src/renderer/public'),
  plugins: [react(), tailwindcss(), contentSecurityPolicy()],
  build: {
    outDir: at('./dist/renderer'),
    emptyOutDir: true,
    sourcemap: false,
    // `font-src 'self'` refuses fonts inlined as data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The password dictionaries are one lazy chunk of about a megabyte.
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
  },
});
